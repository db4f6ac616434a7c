import { type Route, route } from '#platform/service.ts'
import { readActivityReport } from '../contract/population.ts'
import { languageFor } from '../documents/make-report.ts'
import { PAGE, PDF, preferred, printedAnswer } from '../printing/printed-answer.ts'
import type { ReportsTables } from '../tables.ts'
import { activityReport } from './activity-report.ts'
import { printed } from './print.ts'

export const populationRoutes: Route<ReportsTables>[] = [
  route(readActivityReport, async (ctx, { params, query }, { request, reply }) => {
    const { report, name } = await activityReport(ctx, params.id, query)
    const type = preferred(request.headers.accept, [PAGE, PDF])
    reply.header('vary', 'Accept, Accept-Language')
    if (type !== PAGE && type !== PDF) return report
    const document = printed(report, name, ctx, languageFor(ctx, request.headers))
    return printedAnswer(reply, document, { type, paper: query.paper ?? 'a4', name: 'activity-report' })
  }),
]

import { type Route, route } from '#platform/service.ts'
import * as contract from '../contract/population.ts'
import { languageFor } from '../printing/language-for.ts'
import type { ReportsTables } from '../tables.ts'
import { activityReport } from './activity-report.ts'
import { print } from './print.ts'

export const populationRoutes: Route<ReportsTables>[] = [
  route(contract.readActivityReport, async (ctx, { params, query }) => {
    const { report } = await activityReport(ctx, params.id, query)
    return report
  }),
  route(contract.printActivityReport, (ctx, { params, query }, exchange) =>
    print(ctx, params.id, query, exchange, languageFor(ctx, exchange)),
  ),
]

import { type Route, route } from '#platform/service.ts'
import * as contract from './contract.ts'
import { answerWith } from './documents/answer.ts'
import { amend, enterInError } from './documents/change-report.ts'
import { make } from './documents/make-report.ts'
import { list } from './documents/read-report.ts'
import { populationRoutes } from './population/routes.ts'
import { sharingRoutes } from './sharing/routes.ts'
import type { ReportsTables } from './tables.ts'

export const routes: Route<ReportsTables>[] = [
  route(contract.makeReport, (ctx, { params, body }, { request }) => make(ctx, params.id, body, request.headers)),
  route(contract.listReports, (ctx, { params, query }) => list(ctx, params.id, query)),
  route(contract.readReport, (ctx, { params, query }, exchange) => answerWith(ctx, params.id, query, exchange)),
  route(contract.amendReport, (ctx, { params, body, ifMatch: version }) => amend(ctx, params.id, { ...body, version })),
  route(contract.enterReportInError, (ctx, { params, body, ifMatch: version }) =>
    enterInError(ctx, params.id, { ...body, version }),
  ),
  ...sharingRoutes,
  ...populationRoutes,
]

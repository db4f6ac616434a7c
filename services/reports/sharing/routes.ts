import { type Route, route } from '#platform/service.ts'
import * as contract from '../contract/sharing.ts'
import { languageFor } from '../documents/make-report.ts'
import type { ReportsTables } from '../tables.ts'
import { answerWith } from './answer.ts'
import { issueByFhir } from './issue-by-fhir.ts'
import { create, list, renew, revoke } from './links.ts'

export const sharingRoutes: Route<ReportsTables>[] = [
  route(contract.issueFhirHealthCards, (ctx, { params, body }) => issueByFhir(ctx, params.id, body)),
  route(contract.listHealthCards, (ctx, { params, query }, exchange) => answerWith(ctx, params.id, query, exchange)),
  route(contract.createHealthLink, (ctx, { params, body }, exchange) =>
    create(ctx, params.id, body, languageFor(ctx, exchange.request.headers)),
  ),
  route(contract.listHealthLinks, (ctx, { params, query }) => list(ctx, params.id, query)),
  route(contract.renewHealthLink, (ctx, { params, body }, exchange) =>
    renew(ctx, params.id, body.link, languageFor(ctx, exchange.request.headers)),
  ),
  route(contract.revokeHealthLink, (ctx, { params }) => revoke(ctx, params.id)),
]

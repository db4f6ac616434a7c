import { type Route, route } from '#platform/service.ts'
import * as contract from '../contract/sharing.ts'
import { languageFor } from '../printing/language-for.ts'
import type { ReportsTables } from '../tables.ts'
import { issueByFhir } from './issue-by-fhir.ts'
import { list as listCards } from './issue-cards.ts'
import { create, list, renew, revoke } from './links.ts'
import { print } from './print-card.ts'

export const sharingRoutes: Route<ReportsTables>[] = [
  route(contract.issueFhirHealthCards, (ctx, { params, body }) => issueByFhir(ctx, params.id, body)),
  route(contract.listHealthCards, (ctx, { params, query }) => listCards(ctx, params.id, query.of)),
  route(contract.printHealthCard, (ctx, { params, query }, exchange) =>
    print(ctx, params.id, query, exchange, languageFor(ctx, exchange)),
  ),
  route(contract.createHealthLink, (ctx, { params, body }, exchange) =>
    create(ctx, params.id, body, languageFor(ctx, exchange)),
  ),
  route(contract.listHealthLinks, (ctx, { params, query }) => list(ctx, params.id, query)),
  route(contract.renewHealthLink, (ctx, { params, body }, exchange) =>
    renew(ctx, params.id, body.link, languageFor(ctx, exchange)),
  ),
  route(contract.revokeHealthLink, (ctx, { params }) => revoke(ctx, params.id)),
]

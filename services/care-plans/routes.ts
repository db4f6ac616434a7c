import { accepted, type Language } from '#platform/language.ts'
import { type Exchange, type Route, route } from '#platform/service.ts'
import * as templates from './contract/templates.ts'
import * as contract from './contract.ts'
import { taskRoutes } from './occurrences/routes.ts'
import { list } from './plans/list-plans.ts'
import { compare, read, versions } from './plans/read-plan.ts'
import { change, changeStatus, create } from './plans/write-plan.ts'
import { prescriptionRoutes } from './prescriptions/routes.ts'
import type { CarePlansTables } from './tables.ts'
import * as template from './templates/templates.ts'

/** What whoever asks reads. */
const languageOf = (
  { config }: { config: { DEFAULT_LANGUAGE: Language } },
  { request }: Pick<Exchange, 'request'>,
): Language => accepted(request.headers['accept-language']) ?? config.DEFAULT_LANGUAGE

export const routes: Route<CarePlansTables>[] = [
  route(contract.listCarePlans, (ctx, { params, query }) => list(ctx, params.id, query)),
  route(contract.createCarePlan, (ctx, { params, body }) => create(ctx, params.id, body)),
  route(contract.readCarePlan, (ctx, { params, query }) => read(ctx, params.id, query.version)),
  route(contract.changeCarePlan, (ctx, { params, body, ifMatch: version }, exchange) =>
    change(ctx, { id: params.id, version, language: languageOf(ctx, exchange) }, body),
  ),
  route(contract.changeCarePlanStatus, (ctx, { params, body, ifMatch: version }, exchange) =>
    changeStatus(ctx, { id: params.id, version, language: languageOf(ctx, exchange) }, body),
  ),
  route(contract.listCarePlanVersions, (ctx, { params, query }) => versions(ctx, params.id, query)),
  route(contract.readCarePlanDifference, (ctx, { params, query }, exchange) =>
    compare(ctx, params.id, query, languageOf(ctx, exchange)),
  ),
  route(templates.createTemplate, (ctx, { body }) => template.create(ctx, body)),
  route(templates.listTemplates, (ctx, { query }) => template.list(ctx, query)),
  route(templates.readTemplate, (ctx, { params }) => template.read(ctx, params.id)),
  route(templates.changeTemplate, (ctx, { params, body, ifMatch }) => template.change(ctx, params.id, ifMatch, body)),
  route(templates.retireTemplate, (ctx, { params, ifMatch }) => template.retire(ctx, params.id, ifMatch)),
  ...taskRoutes,
  ...prescriptionRoutes,
]

import { type Route, route } from '#platform/service.ts'
import * as contract from './contract.ts'
import { list } from './plans/list-plans.ts'
import { prescriptionRoutes } from './prescriptions/routes.ts'
import type { CarePlansTables } from './tables.ts'

export const routes: Route<CarePlansTables>[] = [
  route(contract.listCarePlans, (ctx, { params, query }) => list(ctx, params.id, query)),
  ...prescriptionRoutes,
]

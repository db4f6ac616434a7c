import { type Route, route } from '#platform/service.ts'
import * as administrators from '../contract/administrators.ts'
import * as donors from '../contract/donors.ts'
import type { Tables } from '../database.ts'
import { createAdministrator, readAdministrator, searchAdministrators, updateAdministrator } from './administrators.ts'
import { createDonor, readDonor, searchDonors, updateDonor } from './donors.ts'

export const profileRoutes: Route<Tables>[] = [
  route(donors.createDonor, (ctx, { body }) => createDonor(ctx, body)),
  route(donors.readDonor, (ctx, { params }) => readDonor(ctx, params.id)),
  route(donors.searchDonors, (ctx, { query }) => searchDonors(ctx, query)),
  route(donors.updateDonor, (ctx, { params, body, ifMatch }) => updateDonor(ctx, params.id, body, ifMatch)),
  route(administrators.createAdministrator, (ctx, { body }) => createAdministrator(ctx, body)),
  route(administrators.readAdministrator, (ctx, { params }) => readAdministrator(ctx, params.id)),
  route(administrators.searchAdministrators, (ctx, { query }) => searchAdministrators(ctx, query)),
  route(administrators.updateAdministrator, (ctx, { params, body, ifMatch }) =>
    updateAdministrator(ctx, params.id, body, ifMatch),
  ),
]

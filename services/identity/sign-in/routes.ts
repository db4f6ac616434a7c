import { type Route, route } from '#platform/service.ts'
import * as sessions from '../contract/sessions.ts'
import type { Tables } from '../database.ts'
import { deleteSessions, updateSession } from '../sessions.ts'
import { refreshSession } from './refresh-session.ts'

/** Ways to sign in, and what guards them. */
export const routes: Route<Tables>[] = [
  route(sessions.refreshSession, (ctx, { body }) => refreshSession(ctx, body.refreshToken)),
  route(sessions.updateSession, (ctx, { params, body, ifMatch }) =>
    updateSession(ctx, params.id, body.device, ifMatch),
  ),
  route(sessions.deleteSessions, (ctx, { query }) => deleteSessions(ctx, query.others ?? false)),
]

import { type Route, route } from '#platform/service.ts'
import * as codes from '../contract/codes.ts'
import * as keys from '../contract/passkeys.ts'
import * as factor from '../contract/second-factor.ts'
import * as sessions from '../contract/sessions.ts'
import type { Tables } from '../database.ts'
import { deleteSessions, updateSession } from '../sessions.ts'
import { confirmContact, createSessionByCode, requestCode, requestContactCode } from './codes.ts'
import { createSessionByPasskey } from './passkey-session.ts'
import {
  beginPasskey,
  beginPasskeySession,
  createPasskey,
  deletePasskey,
  listPasskeys,
  updatePasskey,
} from './passkeys.ts'
import { refreshSession } from './refresh-session.ts'
import { beginTotp, confirmTotp, readTotp, removeTotp, renewRecoveryCodes } from './second-factor.ts'
import { answerSecondFactor } from './second-step.ts'

/** Ways to sign in, and what guards them. */
export const routes: Route<Tables>[] = [
  route(sessions.refreshSession, (ctx, { body }) => refreshSession(ctx, body.refreshToken)),
  route(sessions.updateSession, (ctx, { params, body, ifMatch }) =>
    updateSession(ctx, params.id, body.device, ifMatch),
  ),
  route(sessions.deleteSessions, (ctx, { query }) => deleteSessions(ctx, query.others ?? false)),
  route(factor.readTotp, (ctx) => readTotp(ctx)),
  route(factor.beginTotp, (ctx, { body }, { request }) => beginTotp(ctx, body.password, request.ip)),
  route(factor.confirmTotp, (ctx, { body }, { request }) => confirmTotp(ctx, body.code, request.ip)),
  route(factor.renewRecoveryCodes, (ctx, { body }, { request }) => renewRecoveryCodes(ctx, body.code, request.ip)),
  route(factor.removeTotp, (ctx, { body }, { request }) => removeTotp(ctx, body.code, request.ip)),
  route(factor.answerSecondFactor, (ctx, { body }, { request }) => answerSecondFactor(ctx, body, request.ip)),
  route(codes.requestCode, (ctx, { body }, { request }) => requestCode(ctx, body, request.ip)),
  route(codes.createSessionByCode, (ctx, { body }, { request }) => createSessionByCode(ctx, body, request.ip)),
  route(codes.requestContactCode, (ctx, { body }, { request }) => requestContactCode(ctx, body, request.ip)),
  route(codes.confirmContact, (ctx, { body }, { request }) => confirmContact(ctx, body, request.ip)),
  route(keys.beginPasskey, (ctx, { body }, { request }) => beginPasskey(ctx, body.password, request.ip)),
  route(keys.createPasskey, (ctx, { body }) => createPasskey(ctx, body)),
  route(keys.listPasskeys, (ctx, { query }) => listPasskeys(ctx, query)),
  route(keys.updatePasskey, (ctx, { params, body, ifMatch }) => updatePasskey(ctx, params.id, body.name, ifMatch)),
  route(keys.deletePasskey, (ctx, { params }) => deletePasskey(ctx, params.id)),
  route(keys.beginPasskeySession, (ctx) => beginPasskeySession(ctx)),
  route(keys.createSessionByPasskey, (ctx, { body }, { request }) => createSessionByPasskey(ctx, body, request.ip)),
]

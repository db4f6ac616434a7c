import { type Route, route } from '#platform/service.ts'
import { grantRole, revokeRole, searchAccounts } from './administration.ts'
import { createApiKey, deleteApiKey, listApiKeys, rotateApiKey } from './api-keys.ts'
import { changePassword } from './change-password.ts'
import * as apiKeys from './contract/api-keys.ts'
import * as signingKeys from './contract/signing-keys.ts'
import * as contract from './contract.ts'
import { createAccount } from './create-account.ts'
import { createSession } from './create-session.ts'
import type { Tables } from './database.ts'
import { oauthRoutes } from './oauth/routes.ts'
import { deleteOwnAccount, readOwnAccount, updateOwnAccount } from './own-account.ts'
import { accountsOfPhone } from './queries/accounts.ts'
import { readContacts, readReach } from './read-contacts.ts'
import { deleteSession, listSessions } from './sessions.ts'
import { routes as signInRoutes } from './sign-in/routes.ts'
import { readSigningKeys } from './signing-keys.ts'

export const routes: Route<Tables>[] = [
  route(contract.createAccount, (ctx, { body }, { request }) => createAccount(ctx, body, request.ip)),
  route(contract.readAccount, (ctx) => readOwnAccount(ctx)),
  route(contract.updateAccount, (ctx, { body, ifMatch }, { request }) =>
    updateOwnAccount(ctx, body, ifMatch, request.ip),
  ),
  route(contract.changePassword, (ctx, { body }, { request }) => changePassword(ctx, body, request.ip)),
  route(contract.deleteAccount, (ctx, { ifMatch }) => deleteOwnAccount(ctx, ifMatch)),
  route(contract.createSession, (ctx, { body }, { request }) => createSession(ctx, body, request.ip)),
  route(contract.listSessions, (ctx, { query }) => listSessions(ctx, query)),
  route(contract.deleteCurrentSession, (ctx) => deleteSession(ctx, ctx.actor.session)),
  route(contract.deleteSession, (ctx, { params }) => deleteSession(ctx, params.id)),
  route(contract.searchAccounts, (ctx, { body, query }) => searchAccounts(ctx, body, query)),
  route(contract.grantRole, (ctx, { params, body }) => grantRole(ctx, params.id, body.role)),
  route(contract.revokeRole, (ctx, { params }) => revokeRole(ctx, params.id, params.role)),
  route(apiKeys.createApiKey, (ctx, { body }, { request }) => createApiKey(ctx, body, request.ip)),
  route(apiKeys.listApiKeys, (ctx, { query }) => listApiKeys(ctx, query)),
  route(apiKeys.rotateApiKey, (ctx, { params, body }, { request }) => rotateApiKey(ctx, params.id, body, request.ip)),
  route(apiKeys.deleteApiKey, (ctx, { params }) => deleteApiKey(ctx, params.id)),
  ...oauthRoutes,
  route(signingKeys.readSigningKeys, (ctx, _input, exchange) => readSigningKeys(ctx, exchange)),
  route(contract.readContacts, (ctx, { body }) => readContacts(ctx, body.accounts)),
  route(contract.readReach, (ctx, { body }) => readReach(ctx, body.accounts)),
  route(contract.findAccountsByPhone, async ({ db }, { body }) => ({
    accounts: await accountsOfPhone(db, body.phone),
  })),
  ...signInRoutes,
]

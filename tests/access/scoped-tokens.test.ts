import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { newApiKey, newToken } from '#platform/auth.ts'
import { newId } from '#platform/ids.ts'
import type { OperationSpec } from '#platform/operation.ts'
import { operations } from './callers.ts'
import { openWorld } from './world.ts'

// A key or an app of an administrator, with every scope there is. What it must not reach is what would make it more than that: other administrators,
// members of organisations, apps, keys, passwords, and who is one person.

const named = /^(Role|Administrator|Membership|OAuthClient|ApiKey|Merge)\./
const isForPersons = ({ access, scope, url }: OperationSpec) =>
  named.test(scope ?? access) ||
  named.test(access) ||
  (access === 'signed-in' && scope === undefined) ||
  /^\/v1\/(api-keys|oauth-clients|apps|account|sessions)\b/.test(url)

describe('tokens with scopes', async () => {
  const world = await openWorld()
  after(() => world[Symbol.asyncDispose]())
  const { house, clients } = world
  const token = async (kind: 'api-key' | 'access-token') => {
    const { token, hash } = kind === 'api-key' ? newApiKey('live') : newToken()
    await house.owner.query(
      `insert into platform.session (id, kind, account_id, token_hash, scopes, client_id, created_at, expires_at)
       values ($1, $2, $3, $4, '{user/*.cruds,patient/*.cruds,system/*.cruds}', $5, $6::timestamptz, $6::timestamptz + interval '1 hour')`,
      [newId(), kind, clients.administrator.account, hash, kind === 'api-key' ? null : newId(), house.house.now()],
    )
    return token
  }
  const closed = operations.filter((operation) => operation.access !== 'public' && isForPersons(operation))
  const ask = async ({ method, url }: OperationSpec, authorization: string) => {
    const path = url.replace(/:(\w+)/g, newId())
    return (await house.app.inject({ method, url: path, headers: { authorization: `Bearer ${authorization}` } }))
      .statusCode
  }

  it('are not let in to what is for persons alone, whatever their scopes', async () => {
    assert.ok(closed.length > 40, 'the contracts were read')
    for (const kind of ['api-key', 'access-token'] as const) {
      const wide = await token(kind)
      const faults = []
      for (const operation of closed)
        if ((await ask(operation, wide)) !== 403) faults.push(`${operation.id} by ${kind}`)
      assert.deepEqual(faults, [])
      const search = operations.find(({ id }) => id === 'searchLicences') as OperationSpec
      assert.equal(await ask(search, wide), 200, 'it is good for the rest')
    }
  })

  it('are told apart from the session of the same person', async () => {
    const own = closed.filter(({ access }) => named.test(access))
    assert.ok(own.length > 8)
    const session = clients.administrator.token ?? ''
    const faults = []
    for (const operation of own) if ((await ask(operation, session)) === 403) faults.push(operation.id)
    assert.deepEqual(faults, [])
  })
})

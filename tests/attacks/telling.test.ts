import assert from 'node:assert/strict'
import { createHook } from 'node:async_hooks'
import { describe, it } from 'node:test'
import pg from 'pg'
import { openTestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { forgetTries, gather } from './telling/crowd.ts'
import { pageProbe } from './telling/page.ts'
import { asSent, probesOf, type Request } from './telling/probes.ts'

// What answers about somebody of whom the caller may not know whether they are here, does the same for nobody: the same statements to the database in the same
// order, the same costly work, the same words. How long it takes is measured by bench/telling-bench.ts.

/** Statements of the house: those are the ones with names. */
const statements: string[] = []
const query = pg.Client.prototype.query as (...given: unknown[]) => unknown
pg.Client.prototype.query = function (this: pg.Client, ...given: unknown[]) {
  const { text, name } = given[0] as { text?: string; name?: string }
  if (text !== undefined && name !== undefined) statements.push(text)
  return query.apply(this, given)
} as typeof pg.Client.prototype.query

/** Work that is done on other threads: signatures, and hashes of passwords, which @node-rs/argon2 gives no name. */
const works: string[] = []
createHook({
  init(_, type) {
    if (type === 'undefined' || /REQUEST|JOB/.test(type)) works.push(type)
  },
}).enable()

const house = await openTestHouse(everything, {
  now: new Date().toISOString(),
  env: { RATE_LIMIT_PER_MINUTE: '1000000' },
})
const { app, owner } = house
const { crowd, administrator } = await gather(app, owner, 5)
await house.work()
const { challenge } = (await house.anonymous.post('/v1/sessions/passkey/options', {})).body
const probes = [...probesOf(crowd, challenge), await pageProbe(app, crowd, administrator)]

/** What an answer says, without the numbers of this request, of what it made, and of the time. */
const saidIn = (body: string) =>
  body
    .replace(/"[\w-]{36}"|"\d{4}-\d\d-\d\dT[^"]+"|\+\d{11}|"version":\d+/g, '…')
    .replace(/value="[^"]*"/g, '')
    .replace(/Selam Bekele|Tirunesh Dibaba/g, '…')

async function askedBy(request: Request) {
  await forgetTries(owner)
  statements.length = 0
  works.length = 0
  const { statusCode, headers, body } = await app.inject(asSent(request))
  const done = { statements: [...statements], works: [...works].sort() }
  return { ...done, status: statusCode, headers: Object.keys(headers).sort(), said: saidIn(body) }
}

describe('an answer about somebody, and one about nobody', () => {
  for (const { name, status, somebody, nobody } of probes)
    it(`are alike: ${name}`, async () => {
      await askedBy(somebody(0))
      await askedBy(nobody(0)) // connections and what is kept of them are there from now on
      const [one, other] = [await askedBy(somebody(1)), await askedBy(nobody(1))]
      assert.equal(one.status, status)
      assert.deepEqual(other, one)
      assert.ok(one.statements.length > 0)
    })

  it('cost a hash where a password is compared, and a signature where a passkey is', async () => {
    for (const { name, somebody } of probes.filter(({ name }) => /password|passkey/.test(name)))
      assert.ok((await askedBy(somebody(2))).works.length > 0, name)
    await house[Symbol.asyncDispose]()
  })
})

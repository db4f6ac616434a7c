import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { sealAudit } from '#platform/audit/seal.ts'
import { type AuditVerdict, verifyAudit } from '#platform/audit/verify.ts'
import { openTestHouse, type TestHouse } from '#platform/testing.ts'
import { notes } from './rooms.ts'

const key = 'a'.repeat(64)
const send = (house: TestHouse) => (text: string, values?: unknown[]) => house.owner.query(text, values)
const seal = (house: TestHouse) => sealAudit(send(house), key, new Date())
const verify = (house: TestHouse): Promise<AuditVerdict> => verifyAudit(send(house), key)

async function houseWithAudit(): Promise<TestHouse> {
  const house = await openTestHouse([notes])
  const somebody = await house.signedIn()
  for (let batch = 0; batch < 3; batch++) {
    for (let i = 0; i < 4; i++) await somebody.post('/v1/notes', { text: `${batch} ${i}` })
    await seal(house)
  }
  return house
}

describe('the audit', () => {
  it('is whole when nobody touched it', async () => {
    await using house = await houseWithAudit()
    assert.deepEqual(await verify(house), { seals: 3, rows: 12, unsealed: 0, elsewhere: 0, broken: [] })
  })

  const tampering: [what: string, statement: string, seals: number[]][] = [
    ['an altered row', `update platform.audit_event set entity = 'Note/other' where id = 6`, [2]],
    ['a removed row', 'delete from platform.audit_event where id = 6', [2]],
    ['a row under another actor', 'update platform.audit_event set account_id = gen_random_uuid() where id = 1', [1]],
    ['a removed seal', 'delete from platform.audit_seal where id = 2', [3]],
    ['an altered seal', `update platform.audit_seal set seal = repeat('0', 64) where id = 2`, [2, 3]],
  ]
  for (const [what, statement, seals] of tampering)
    it(`shows ${what}`, async () => {
      await using house = await houseWithAudit()
      await house.owner.query(statement)
      const { broken } = await verify(house)
      assert.deepEqual([...new Set(broken.map((one) => one.seal))], seals)
    })

  it('takes rows that were committed late into the next seal', async () => {
    await using house = await houseWithAudit()
    await house.owner.query(`insert into platform.audit_event overriding system value
      select 100, at, account_id, actor, room, operation, trace_id, action, entity, subject, relationship, reason from platform.audit_event where id = 1`)
    assert.equal(await seal(house), 1)
    await house.owner.query(`insert into platform.audit_event overriding system value
      select 50, at, account_id, actor, room, operation, trace_id, action, entity, subject, relationship, reason from platform.audit_event where id = 1`)
    assert.equal(await seal(house), 1)
    assert.equal(await seal(house), 0)
    assert.deepEqual((await verify(house)).broken, [])
  })
})

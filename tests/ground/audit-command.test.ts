import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import pg from 'pg'
import { sealAudit } from '#platform/audit/seal.ts'
import { startHouse } from '../processes.ts'

const key = '0'.repeat(64)

describe('openhcs audit verify', () => {
  it('ends with 1 for an altered row, for an end that was cut off and for an emptied audit', async () => {
    await using house = await startHouse('together')
    const owner = new pg.Client({ connectionString: house.databaseUrls.ownerUrl })
    await owner.connect()
    try {
      const send = (text: string, values?: unknown[]) => owner.query(text, values)
      const password = 'salt-harbour-lantern'
      for (const userName of ['one', 'two']) {
        await house.ask('POST', '/v1/accounts', { body: { userName, name: 'Saba', password } })
        await sealAudit(send, key, new Date())
      }
      const whole = await house.command(['audit', 'verify'])
      assert.equal(whole.code, 0, whole.output)
      assert.match(whole.output, /The chain is whole/)
      const newest = (await send('select max(id) as id from platform.audit_seal')).rows[0].id
      await send('insert into identity.audit_check values (now(), $1, 0, $1)', [newest])

      const tampered = async (...statements: string[]) => {
        for (const statement of statements) await send(statement)
        const { code, output } = await house.command(['audit', 'verify'])
        assert.equal(code, 1, output)
        return output
      }
      const first = `(select min(id) from platform.audit_event)`
      await send(`create table kept as select operation from platform.audit_event where id = ${first}`)
      assert.match(
        await tampered(`update platform.audit_event set operation = 'x' where id = ${first}`),
        /a row was altered/,
      )
      await send(`update platform.audit_event set operation = (select operation from kept) where id = ${first}`)
      const cut = `delete from platform.audit_event e using platform.audit_seal s where s.id = ${newest} and e.id <@ s.ids`
      assert.match(
        await tampered(cut, `delete from platform.audit_seal where id = ${newest}`),
        /every one from it on is gone/,
      )
      const emptied = await tampered('truncate platform.audit_event', 'truncate platform.audit_seal restart identity')
      assert.match(emptied, /every one from it on is gone/)
    } finally {
      await owner.end()
    }
  })
})

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { sql } from 'kysely'
import { kyselyOver, type Send } from './database.ts'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

describe('a connection', () => {
  it('holds nothing of what it was last asked to write, once another was asked for something', async () => {
    const send: Send = async () => ({ rows: [], command: 'SELECT', rowCount: 0 }) as never
    const [one, other] = [kyselyOver(send), kyselyOver(send)]
    const written = await writtenBy(one)
    await sql`select 1`.execute(other)
    await turn()
    collect()
    assert.equal(written.deref(), undefined)
    await sql`select 1`.execute(one) // it was there all the time
  })
})

async function writtenBy(db: ReturnType<typeof kyselyOver>): Promise<WeakRef<object>> {
  const large = { bundle: 'of megabytes' }
  await sql`select ${large}`.execute(db)
  return new WeakRef(large)
}

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { pathToFileURL } from 'node:url'
import pg from 'pg'
import { migrate, type Stage } from '#platform/migrate.ts'
import { copyTemplate } from '#platform/testing.ts'

/** A database, and a folder of migrations of one room. */
async function openBakery() {
  const database = await copyTemplate([])
  const folder = mkdtempSync(join(tmpdir(), 'openhcs-migrations-'))
  const owner = new pg.Client({ connectionString: database.ownerUrl })
  await owner.connect()
  const services = [{ name: 'bakery', migrations: pathToFileURL(`${folder}/`) }]
  return {
    owner,
    write: (name: string, sql: string) => writeFileSync(join(folder, name), sql),
    run: (stage?: Stage) => migrate({ ...database, services, ...(stage && { stage }) }),
    async [Symbol.asyncDispose]() {
      await owner.end()
      await database.drop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const TABLE = 'create table bread (id int primary key, name text);'

describe('migrations', () => {
  it('run once, in order, and are never run again', async () => {
    await using bakery = await openBakery()
    bakery.write('0002_loaf.sql', `insert into bread values (1, 'rye');`)
    bakery.write('0001_bread.sql', TABLE)
    assert.deepEqual(await bakery.run(), ['bakery/0001_bread.sql', 'bakery/0002_loaf.sql'])
    assert.deepEqual(await bakery.run(), [])
    bakery.write('0001_bread.sql', `${TABLE} -- changed`)
    await assert.rejects(bakery.run(), /0001_bread\.sql was changed after it had been applied/)
  })

  it('leave nothing of one that fails, and go on with it the next time', async () => {
    await using bakery = await openBakery()
    bakery.write('0001_bread.sql', `${TABLE} select 1 / 0;`)
    await assert.rejects(bakery.run(), /bakery\/0001_bread\.sql failed: division by zero/)
    assert.equal((await bakery.owner.query(`select to_regclass('bakery.bread') as it`)).rows[0].it, null)
    bakery.write('0001_bread.sql', TABLE)
    assert.deepEqual(await bakery.run(), ['bakery/0001_bread.sql'])
  })

  it('do not wait long for a table that somebody holds', async () => {
    await using bakery = await openBakery()
    bakery.write('0001_bread.sql', TABLE)
    await bakery.run()
    await bakery.owner.query('begin; lock table bakery.bread in access share mode')
    bakery.write('0002_more.sql', 'alter table bread add column price int;')
    await assert.rejects(bakery.run(), /lock timeout/)
    await bakery.owner.query('commit')
    assert.deepEqual(await bakery.run(), ['bakery/0002_more.sql'])
  })

  it('build indexes beside writers, and clear away one that failed', async () => {
    await using bakery = await openBakery()
    bakery.write('0001_bread.sql', `${TABLE} insert into bread values (1, 'rye'), (2, 'rye');`)
    bakery.write(
      '0002_name_concurrently.sql',
      '-- One of each.\ncreate unique index concurrently bread_name on bread (name);',
    )
    await assert.rejects(bakery.run(), /could not create unique index/)
    await bakery.owner.query(`update bakery.bread set name = 'oat' where id = 2`)
    assert.deepEqual(await bakery.run(), ['bakery/0002_name_concurrently.sql'])
    const { rows } = await bakery.owner.query(
      `select indisvalid as valid from pg_index where indexrelid = 'bakery.bread_name'::regclass`,
    )
    assert.deepEqual(rows, [{ valid: true }])
  })

  it('leave what contracts until it is asked for, and what follows it until it has run', async () => {
    await using bakery = await openBakery()
    bakery.write('0001_bread.sql', TABLE)
    bakery.write('0002_name_contract.sql', 'alter table bread drop column name;')
    assert.deepEqual(await bakery.run(), ['bakery/0001_bread.sql'])
    assert.deepEqual(await bakery.run('contract'), ['bakery/0002_name_contract.sql'])
    bakery.write('0003_price.sql', 'alter table bread add column price int;')
    bakery.write('0004_price_contract.sql', 'alter table bread drop column price;')
    assert.deepEqual(await bakery.run(), ['bakery/0003_price.sql'])
    bakery.write('0005_weight.sql', 'alter table bread add column weight int;')
    await assert.rejects(bakery.run(), /0004_price_contract\.sql has not run, and later files follow it/)
    assert.deepEqual(await bakery.run('contract'), ['bakery/0004_price_contract.sql', 'bakery/0005_weight.sql'])
  })
})

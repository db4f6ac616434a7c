import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { migrationProblems } from './migration-rules.ts'

const problems = (sql: string, name = '0002_more.sql') => migrationProblems(`services/x/migrations/${name}`, sql)

describe('a migration beside a release that still serves', () => {
  const refused: [sql: string, complaint: RegExp][] = [
    ['alter table visit rename to encounter', /add the new one/],
    ['alter table visit rename column at to start_at', /add the new one/],
    ['drop table visit', /drop it in a later release/],
    ['drop type colour', /drop it in a later release/],
    ['alter table visit drop column at', /in a later release/],
    ['alter table visit alter column at type text', /rewrites the table/],
    ['alter table visit alter column at set not null', /in a later release/],
    ['alter table visit drop constraint c', /in a later release/],
    ['alter table visit add constraint c check (at is not null)', /NOT VALID first/],
    ['alter table visit add constraint c foreign key (p) references patient', /NOT VALID first/],
    ['alter table visit add constraint c unique (at)', /USING INDEX/],
    ['alter table visit add column at text not null', /without a default/],
    ['alter table visit add column at text unique', /CONCURRENTLY/],
    ['create index on visit (at)', /CONCURRENTLY, in a file of its own/],
    ['create index concurrently i on visit (at)', /name the file/],
    [`set local lock_timeout = '1h'`, /the migrator sets/],
  ]
  for (const [sql, complaint] of refused)
    it(`must not: ${sql}`, async () => {
      assert.match((await problems(`create table other (id uuid);\n\n-- why\n${sql};`)).join('\n'), complaint)
    })

  it('may add, also to a table that it makes itself, and validate later', async () => {
    const fine = `
      create table visit (id uuid primary key, at timestamptz not null check (at > '2000-01-01'));
      create index on visit (at);
      alter table visit add constraint c check (at < '3000-01-01');
      alter table patient add column born date;
      alter table patient add column sex text not null default 'unknown';
      alter table patient add constraint c check (born > '1800-01-01') not valid;
      alter table patient validate constraint d;
      alter table patient add constraint e unique using index patient_by_number;
      drop function if exists old(text);
      create function old(text) returns text language sql as 'select $1';`
    assert.deepEqual(await problems(fine), [])
    assert.deepEqual(await problems('create index concurrently i on visit (at)', '0003_i_concurrently.sql'), [])
  })

  it('may take away in a migration that does nothing else', async () => {
    const contract = 'alter table visit drop column at; drop table old; alter table visit alter column b set not null;'
    assert.deepEqual(await problems(contract, '0004_at_contract.sql'), [])
    assert.match((await problems('create table new (id uuid)', '0004_at_contract.sql')).join(), /only takes away/)
    assert.match(
      (await problems('alter table visit add column c text', '0004_at_contract.sql')).join(),
      /only takes away/,
    )
    assert.match((await problems('select 1; select 2', '0003_i_concurrently.sql')).join(), /and nothing else/)
  })

  it('is told the line', async () => {
    assert.match(
      (await problems('create table é (id uuid);\n\n-- why\ndrop table visit;')).join(),
      /0002_more\.sql:4: /,
    )
  })
})

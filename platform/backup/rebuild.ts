import type pg from 'pg'

// Rows go in without indexes, constraints between rows, or triggers, which come back afterwards as they were: sorted building is many times faster than
// row by row, no order of tables has to please the foreign keys, and their checks are one join instead of a queue in memory. An owner may do all of it.

/** As statements, in the order in which they are to be run. */
export interface Parts {
  down: string[]
  up: string[]
}

const CONSTRAINTS = `
  select con.conrelid::regclass::text as "table", quote_ident(con.conname) as name, con.contype = 'f' as foreign,
    pg_get_constraintdef(con.oid) as definition
  from pg_constraint con join pg_namespace n on n.oid = con.connamespace
  where n.nspname = any ($1) and con.contype in ('f', 'p', 'u', 'x') and con.conparentid = 0 and con.conrelid <> 0 order by con.conrelid, con.conname`

/** Of a partitioned table the definition is for that table ONLY, and what is wanted is the index of every partition. */
const INDEXES = `
  select i.indexrelid::regclass::text as name, case c.relkind
    when 'I' then replace(pg_get_indexdef(i.indexrelid), ' ON ONLY ', ' ON ') else pg_get_indexdef(i.indexrelid) end as definition
  from pg_index i join pg_class c on c.oid = i.indexrelid join pg_namespace n on n.oid = c.relnamespace
  where n.nspname = any ($1) and not c.relispartition
    and not exists (select from pg_constraint where conindid = i.indexrelid and contype in ('p', 'u', 'x')) order by 1`

const TRIGGERS = `
  select t.tgrelid::regclass::text as "table", quote_ident(t.tgname) as name, t.tgenabled as enabled
  from pg_trigger t join pg_class c on c.oid = t.tgrelid join pg_namespace n on n.oid = c.relnamespace
  where n.nspname = any ($1) and not t.tgisinternal and t.tgenabled <> 'D' order by 1, 2`

const ENABLE: Record<string, string> = { O: 'enable', A: 'enable always', R: 'enable replica' }

/** With `search_path = pg_catalog`, so that every name says where it belongs. */
export async function partsOf(client: pg.Client, schemas: readonly string[]): Promise<Parts> {
  const constraints = (await client.query(CONSTRAINTS, [schemas])).rows
  const indexes = (await client.query(INDEXES, [schemas])).rows
  const triggers = (await client.query(TRIGGERS, [schemas])).rows
  const foreign = constraints.filter((one) => one.foreign)
  const own = constraints.filter((one) => !one.foreign)
  const drop = (one: pg.QueryResultRow) => `alter table ${one.table} drop constraint ${one.name}`
  const add = (one: pg.QueryResultRow) => `alter table ${one.table} add constraint ${one.name} ${one.definition}`
  return {
    down: [
      ...triggers.map((one) => `alter table ${one.table} disable trigger ${one.name}`),
      ...foreign.map(drop),
      ...own.map(drop),
      ...indexes.map(({ name }) => `drop index ${name}`),
    ],
    up: [
      ...own.map(add),
      ...indexes.map(({ definition }) => definition),
      ...foreign.map(add),
      ...triggers.map((one) => `alter table ${one.table} ${ENABLE[one.enabled]} trigger ${one.name}`),
    ],
  }
}

export async function run(client: pg.Client, statements: readonly string[]): Promise<void> {
  for (const statement of statements) await client.query(statement)
}

import type pg from 'pg'
import { damaged, type Partition } from './format.ts'
import { quoted } from './tables.ts'

const PARTITIONS = `
  select p.relnamespace::regnamespace::text || '.' || p.relname as of, c.relnamespace::regnamespace::text || '.' || c.relname as name,
    pg_get_expr(c.relpartbound, c.oid) as bound
  from pg_inherits i join pg_class c on c.oid = i.inhrelid join pg_class p on p.oid = i.inhparent
  where p.relkind = 'p' and c.relkind = 'r' and p.relnamespace::regnamespace::text = any ($1) order by 1, 2`

export const partitionsIn = async (client: pg.Client, schemas: readonly string[]): Promise<Partition[]> =>
  (await client.query(PARTITIONS, [schemas])).rows

/** Words of a file that become part of a statement: numbers, and no others. */
const BOUND = /^(DEFAULT|FOR VALUES FROM \('\d+'\) TO \('\d+'\))$/

/**
 * Gives the tables, which are empty, the partitions that the backup was made with: those that the migrations have made are how a new house begins. Without
 * them every later row would land in the net, and stay there.
 */
export async function bringPartitions(
  client: pg.Client,
  schemas: readonly string[],
  wanted: readonly Partition[],
): Promise<void> {
  const present = await partitionsIn(client, schemas)
  const tables = new Set(present.map((one) => one.of))
  if (!wanted.every(({ of, bound }) => tables.has(of) && BOUND.test(bound)))
    throw damaged('it names partitions that cannot be')
  const isSame = (one: Partition) => (other: Partition) => other.name === one.name && other.bound === one.bound
  for (const one of present.filter((one) => !wanted.some(isSame(one))))
    await client.query(`drop table ${quoted(one.name)}`)
  for (const one of wanted.filter((one) => !present.some(isSame(one))))
    await client.query(`create table ${quoted(one.name)} partition of ${quoted(one.of)} ${one.bound}`)
}

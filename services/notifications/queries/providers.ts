import { type Kysely, type RawBuilder, sql, type Transaction } from 'kysely'
import type { NotificationsTables } from '../tables.ts'

type Db = Kysely<NotificationsTables>
type Tx = Transaction<NotificationsTables>

export interface ProviderState {
  name: string
  failures: number
  rests_until: Date | null
}

/** Those of these that have failed of late. */
export const ailing = (db: Db, names: readonly string[]): Promise<ProviderState[]> =>
  db
    .selectFrom('provider')
    .select(['name', 'failures', 'rests_until'])
    .where('name', 'in', names)
    .$castTo<ProviderState>()
    .execute()

/** Of all who would try a provider whose rest is over one does: the others rest on, until it has found out. */
export async function beginProbe(tx: Tx, name: string, { now, until }: { now: Date; until: Date }): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('provider')
    .set({ rests_until: until })
    .where('name', '=', name)
    .where('rests_until', '<=', now)
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

/** So many failures in a row, or more if more are known. From the `outage`th on it rests, each time twice as long, up to `most`. */
export async function noteFailure(
  tx: Tx,
  name: string,
  { failures, now, outage, rest, most }: { failures: number; now: Date; outage: number; rest: number; most: number },
): Promise<void> {
  const until = (failures: RawBuilder<number>) => sql`case when ${failures} >= ${outage}::int
    then ${now}::timestamptz + least(${rest}::int * 2 ^ least(${failures} - ${outage}::int, 20), ${most}::int) * interval '1 second' end`
  await sql`
    insert into provider (name, failures, rests_until) values (${name}, ${failures}, ${until(sql`${failures}::int`)})
    on conflict (name) do update set failures = greatest(provider.failures, excluded.failures), rests_until = ${until(sql`greatest(provider.failures, excluded.failures)`)}`.execute(
    tx,
  )
}

export const noteRecovery = (tx: Tx, name: string) => tx.deleteFrom('provider').where('name', '=', name).execute()

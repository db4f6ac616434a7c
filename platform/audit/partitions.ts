import type { Send } from '../database.ts'

// The rest of it is in migrations/0014_audit_partitions.sql, since whoever serves may not make tables.

/** Makes the partitions to come, where any is missing. Returns their names. */
export async function makeAuditPartitions(send: Send, now: Date): Promise<string[]> {
  const { rows } = await send('select make_audit_partitions as name from platform.make_audit_partitions($1)', [now])
  return rows.map(({ name }) => name)
}

/** What lies between partitions and holds rows of the net; what was handed out is no hole. */
const HOLES = `
  with taken as (
    select from_id, to_id from platform.audit_partition union all select from_id, to_id from platform.audit_detached),
  gap as (select to_id as from_id, lead(from_id) over (order by from_id) as to_id from taken)
  select from_id, to_id from gap where from_id < to_id
    and exists (select from platform.audit_event_net where id >= from_id and id < to_id) order by 1`

export interface Filled {
  name: string
  rows: number
}

/**
 * Moves the rows of the net into partitions of their own; as the owner, in the caller's transaction. Whoever asks who saw their record waits meanwhile; who
 * writes does not.
 */
export async function emptyAuditNet(send: Send): Promise<Filled[]> {
  await send('lock table only platform.audit_event in share update exclusive mode')
  await send('lock table platform.audit_event_net in access exclusive mode')
  const filled: Filled[] = []
  for (const { from_id, to_id } of (await send(HOLES)).rows) {
    const name = `audit_event_${from_id}`
    await send(`create table platform.${name} (like platform.audit_event including constraints)`)
    const { rowCount } = await send(
      `with moved as (delete from platform.audit_event_net where id >= ${from_id} and id < ${to_id} returning *)
       insert into platform.${name} select * from moved`,
    )
    await send(
      `alter table platform.audit_event attach partition platform.${name} for values from (${from_id}) to (${to_id})`,
    )
    filled.push({ name, rows: rowCount ?? 0 })
  }
  return filled
}

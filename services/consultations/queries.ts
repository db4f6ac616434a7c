import { type Insertable, type Kysely, type RawBuilder, type Selectable, sql, type Transaction } from 'kysely'
import { type Consultation, type ConsultationsTables, columns } from './tables.ts'

type Db = Kysely<ConsultationsTables>
type Tx = Transaction<ConsultationsTables>
export type ConsultationRow = Selectable<Consultation>
/** With the relationship by which it is seen. */
export type SeenRow = ConsultationRow & { relationship: string }

/** Who looks. */
export interface Viewer {
  account: string
  /** Of those who practise. */
  practitioner: string | undefined
  within: string | undefined
  now: Date
}

/** By which relationship; null: they may not. */
const relationship = ({ account, now }: Viewer) =>
  sql<string>`platform.may_see_resource(${account}, array[patient_id::text], category || also, 'see-record', ${now})`

/** Who may see the record may see that there was a consultation, unless its note speaks of what they may not. */
const seen = (viewer: Viewer) =>
  sql<boolean>`${relationship(viewer)} is not null
    and (${viewer.within ?? null}::uuid is null or patient_id = ${viewer.within ?? null}::uuid)`

/** Those who give it write its note, as long as they treat the patient. */
const given = ({ practitioner }: Viewer): RawBuilder<boolean> =>
  sql<boolean>`(practitioner_id = ${practitioner ?? null}::uuid or ${practitioner ?? null}::uuid = any (practitioner_ids))`

/** Undefined where the visit was begun already. */
export const insertConsultation = (tx: Tx, row: Insertable<Consultation>): Promise<ConsultationRow | undefined> =>
  tx
    .insertInto('consultation')
    .values(row)
    .onConflict((c) => c.doNothing())
    .returning(columns.consultation)
    .executeTakeFirst()

export const begunOf = (
  tx: Tx,
  { appointment, queueEntry }: { appointment?: string | undefined; queueEntry?: string | undefined },
  viewer: Viewer,
) =>
  tx
    .selectFrom('consultation')
    .select(columns.consultation)
    .select(relationship(viewer).as('relationship'))
    .where(
      sql<boolean>`(appointment_id = ${appointment ?? null}::uuid or queue_entry_id = ${queueEntry ?? null}::uuid)`,
    )
    .where('status', '<>', 'entered-in-error')
    .where(seen(viewer))
    .executeTakeFirst()

export const seenConsultation = (db: Db, id: string, viewer: Viewer): Promise<SeenRow | undefined> =>
  db
    .selectFrom('consultation')
    .select(columns.consultation)
    .select(relationship(viewer).as('relationship'))
    .where('id', '=', id)
    .where(seen(viewer))
    .executeTakeFirst()

/** With its lock: whoever else signs or amends it waits. */
export const lockConsultation = (tx: Tx, id: string, viewer: Viewer) =>
  tx
    .selectFrom('consultation')
    .select(columns.consultation)
    .select([relationship(viewer).as('relationship'), given(viewer).as('is_given')])
    .where('id', '=', id)
    .where(seen(viewer))
    .forUpdate()
    .executeTakeFirst()

export const updateConsultation = (
  tx: Tx,
  { id, version }: Pick<ConsultationRow, 'id' | 'version'>,
  change: { status?: string; signed_at?: Date; link?: null; also?: string[] },
): Promise<ConsultationRow> =>
  tx
    .updateTable('consultation')
    .set({ ...change, version: version + 1 })
    .where('id', '=', id)
    .returning(columns.consultation)
    .executeTakeFirstOrThrow()

export interface Filter {
  patient: string | undefined
  mine: boolean
  status: string | undefined
  after: readonly (string | number)[] | undefined
  limit: number
}

export async function listSeen(db: Db, viewer: Viewer, filter: Filter): Promise<SeenRow[]> {
  const [at, id] = filter.after ?? []
  const near =
    filter.patient === undefined
      ? sql<boolean>`(patient_id in (select g.subject_id from platform.access_grant g where g.account_id = ${viewer.account}::uuid and g.subject_type = 'Patient'))`
      : sql<boolean>`patient_id = ${filter.patient}::uuid`
  return db
    .selectFrom('consultation')
    .select(columns.consultation)
    .select(relationship(viewer).as('relationship'))
    .where(near)
    .where(seen(viewer))
    .$if(filter.mine, (q) => q.where(given(viewer)))
    .$if(filter.status !== undefined, (q) => q.where('status', '=', filter.status as string))
    .$if(at !== undefined, (q) => q.where(sql<boolean>`(started_at, id) < (${at}::timestamptz, ${id}::uuid)`))
    .orderBy('started_at', 'desc')
    .orderBy('id', 'desc')
    .limit(filter.limit)
    .execute()
}

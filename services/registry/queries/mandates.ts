import { type Insertable, type Kysely, type Selectable, sql, type Transaction } from 'kysely'
import type { Tables } from '../database.ts'
import { columns, type Mandate } from '../tables.ts'

type Db = Kysely<Tables>
type Tx = Transaction<Tables>
export type MandateRow = Selectable<Mandate>
export type NamedMandateRow = MandateRow & { patient_name: string; caregiver_name: string }

/** The two sides of a mandate that the caller may be. */
export interface Sides {
  patient: string | null
  caregiver: string | null
}

export const insertMandate = (tx: Tx, row: Insertable<Mandate>) =>
  tx.insertInto('mandate').values(row).returning(columns.mandate).executeTakeFirstOrThrow()

const status = (now: Date) => sql<string>`case
  when m.revoked_at is not null then 'revoked' when m.valid_until <= ${now} then 'expired' else 'active' end`

const ofSides = ({ patient, caregiver }: Sides) =>
  sql<boolean>`(m.patient_id = ${patient} or m.caregiver_id = ${caregiver})`

const named = (db: Db, sides: Sides) =>
  db
    .selectFrom('mandate as m')
    .innerJoin('patient as p', 'p.id', 'm.patient_id')
    .innerJoin('caregiver as c', 'c.id', 'm.caregiver_id')
    .select(columns.mandate.map((name) => `m.${name}` as const))
    .select(['p.name as patient_name', 'c.name as caregiver_name'])
    .where(ofSides(sides))

export const mandate = (db: Db, id: string, sides: Sides) => named(db, sides).where('m.id', '=', id).executeTakeFirst()

/** Newest first. */
export const listMandates = (
  db: Db,
  sides: Sides,
  of: { status: string | undefined; before: string | undefined; now: Date; limit: number },
) =>
  named(db, sides)
    .$if(of.status !== undefined, (query) => query.where(status(of.now), '=', of.status as string))
    .$if(of.before !== undefined, (query) => query.where('m.id', '<', of.before as string))
    .orderBy('m.id', 'desc')
    .limit(of.limit + 1)
    .execute()

/** `false` when it has ended already. */
export async function revokeMandate(
  tx: Tx,
  id: string,
  of: { by: string; reason: string | null; now: Date },
): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('mandate')
    .set((eb) => ({
      revoked_at: of.now,
      revoked_by: of.by,
      revoke_reason: of.reason,
      version: eb('version', '+', 1),
    }))
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .where('valid_until', '>', of.now)
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

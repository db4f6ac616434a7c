import { type RawBuilder, sql } from 'kysely'
import type { Context } from '#platform/context.ts'

/** Who looks, and when: who may see what is a condition in the SQL. */
export interface Seer {
  account: string | undefined
  /** The one patient to whom a token is bound. */
  within: string | undefined
  now: Date
  /** The house itself, which decides for nobody: what it makes of it is its own affair. */
  isHouse?: boolean
  /** An app that comes for itself: what it may have of whom, its grant says (platform/migrations/0016_client_grant.sql). */
  isClient?: boolean
  /** Somebody at a desk, who may see the visits of more patients than can be gone through. */
  isDesk?: boolean
}

export const seerOf = ({ actor, now }: Pick<Context, 'actor' | 'now'>): Seer => ({
  account: actor.account,
  within: actor.within,
  now: now(),
  isHouse: actor.kind === 'system',
  isDesk: actor.roles.includes('clerk'),
})

/**
 * What is about nobody shows to all who may ask; what is about patients, to those who may see it of each of them. `past`: a row of fhir_past, which they must be
 * permitted to see as it was, too.
 */
export function seenBy(
  { account, within, now, isHouse = false, isClient = false }: Seer,
  r = 'r',
  past?: string,
): RawBuilder<boolean> {
  if (isHouse) return sql`true`
  const row = sql.ref(r)
  const categories = sql`${row}.categories${past === undefined ? sql`` : sql` || ${sql.ref(past)}.categories`}`
  if (isClient)
    return sql<boolean>`(${row}.about = '{}' or platform.client_may_see(${account ?? null}::uuid, ${row}.about, ${categories}, ${now}::timestamptz))`
  const bound = within === undefined ? sql`` : sql` and platform.about_whom(${row}.about) <@ array[${within}]`
  return sql<boolean>`(${row}.about = '{}' or (platform.may_see_resource(${account ?? null}::uuid, ${row}.about, ${categories}, 'see-record', ${now}::timestamptz) is not null${bound}))`
}

/**
 * Of visits all that the seer may see, and more, by the index of references: who comes for care knows a few, and does not go through everybody's. Undefined for whom it
 * would leave some out.
 */
export function visitsNear({ account, isHouse, isClient, isDesk }: Seer): RawBuilder<boolean> | undefined {
  if (isHouse || isClient || isDesk) return undefined
  return sql<boolean>`r.refs && array(
    select case g.subject_type when 'Patient' then 'Appointment.$patient=' else 'Appointment.practitioner=Practitioner/' end || g.subject_id
    from platform.access_grant g where g.account_id = ${account ?? null}::uuid and g.subject_type in ('Patient', 'Practitioner'))`
}

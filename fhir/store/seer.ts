import { type RawBuilder, sql } from 'kysely'
import { clinicalTypes, personTypes } from '#platform/access.ts'
import type { Context } from '#platform/context.ts'
import { COMPARTMENT } from './change.ts'

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
  /** Somebody at a desk, who also finds the patients whom it keeps: to make none twice. */
  findsKept?: boolean
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
  { account, within, now, isHouse = false, isClient = false, findsKept = false }: Seer,
  r = 'r',
  past?: string,
): RawBuilder<boolean> {
  if (isHouse) return sql`true`
  const row = sql.ref(r)
  const categories = sql`${row}.categories${past === undefined ? sql`` : sql` || ${sql.ref(past)}.categories`}`
  if (isClient)
    return sql<boolean>`(${row}.about = '{}' or platform.client_may_see(${account ?? null}::uuid, ${row}.about, ${categories}, ${now}::timestamptz))`
  const bound = within === undefined ? sql`` : sql` and platform.about_whom(${row}.about) <@ array[${within}]`
  const kept = findsKept
    ? sql` or platform.keeps_patient(${account ?? null}::uuid, ${row}.about, ${now}::timestamptz)`
    : sql``
  return sql<boolean>`(${row}.about = '{}' or (platform.may_see_resource(${account ?? null}::uuid, ${row}.about, ${categories}, 'see-record', ${now}::timestamptz) is not null${bound})${kept})`
}

const OF_PATIENTS: ReadonlySet<string> = new Set([...clinicalTypes, ...personTypes])

/** Of visits, which others than who may see the record may see. */
export const isOfVisits = ([type, ...others]: readonly string[]): boolean =>
  others.length === 0 && type === 'Appointment'

/** By the index of references: visits of those of whom they have a grant, and those that they give. */
const visitsNear = (account: string | undefined): RawBuilder<boolean> =>
  sql<boolean>`r.refs && array(
    select case g.subject_type when 'Patient' then 'Appointment.$patient=' else 'Appointment.practitioner=Practitioner/' end || g.subject_id
    from platform.access_grant g where g.account_id = ${account ?? null}::uuid and g.subject_type in ('Patient', 'Practitioner'))`

/** Whether each resource is about a patient. */
export const isOfPatients = ([type = '', ...others]: readonly string[]): boolean =>
  others.length === 0 && OF_PATIENTS.has(type)

/**
 * What must be so of all of these types that the seer may see, and is found out in no time: it is about nobody, or they have a grant of whom it is about. Whether that permits it is
 * for `seenBy` to say. For searches among everybody's resources, of which somebody who treats a hundred patients may see one in a thousand.
 */
export function mayBeSeen(
  { account, now, isHouse = false, isClient = false, isDesk = false, findsKept = false }: Seer,
  types: readonly string[],
): RawBuilder<boolean> {
  if (isHouse || isClient || findsKept) return sql`true`
  if (isOfVisits(types)) return isDesk ? sql`true` : visitsNear(account)
  const granted = sql`platform.access_grant g where g.account_id = ${account ?? null}::uuid and g.revoked_at is null and (g.valid_until is null or g.valid_until > ${now}::timestamptz)`
  // By the index: what is about a patient is in their compartment.
  if (isOfPatients(types))
    return sql`r.refs && array(select ${`${types[0]}.${COMPARTMENT}=`} || g.subject_id from ${granted})`
  return sql`(r.about = '{}' or r.about[1] like 'Practitioner/%' or r.about[1] = ${`Account/${account}`} or r.about[1] in (select g.subject_id::text from ${granted}))`
}

import type { Static } from 'typebox'
import { audit } from '#platform/audit.ts'
import { accountOf } from '#platform/auth.ts'
import type { Context, TransactionContext } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { publish } from '#platform/events.ts'
import { newId } from '#platform/ids.ts'
import { decodeCursor, pageOf } from '#platform/paging.ts'
import { transact } from '#platform/transaction.ts'
import { changedMeanwhile, isAdministrator, notThere, unless } from './caller.ts'
import type * as contract from './contract/practitioners.ts'
import { practitionerChanged } from './contract.ts'
import type { Tables } from './database.ts'
import { keptAtDesk } from './desk/keep.ts'
import { activityOf } from './profiles/activity.ts'
import { projected } from './projection/projector.ts'
import { insertGrant, lockLicences, settleLicences } from './queries/grants.ts'
import * as queries from './queries/practitioners.ts'
import { unknownSpecialities } from './queries/specialities.ts'

type Ctx = Context<Tables>
type View = Static<typeof contract.Practitioner>
type Search = Static<typeof contract.listPractitioners.query>

export function toPractitioner(row: queries.PractitionerRow): View {
  return {
    id: row.id,
    name: row.name,
    gender: row.gender as View['gender'],
    languages: row.languages,
    specialities: row.specialities,
    ...(row.about !== null && { about: row.about }),
    ...(row.photo_key !== null && { photo: `/v1/practitioners/${row.id}/photo` }),
    licensed: row.licensed,
    active: row.deactivated_at === null,
    version: row.version,
  }
}

export const eyesOf = (ctx: Pick<Ctx, 'actor' | 'now'>): queries.Eyes => ({
  account: accountOf(ctx),
  administrator: isAdministrator(ctx),
  now: ctx.now(),
})

export const auditPractitioner = (ctx: TransactionContext<Tables>, action: 'C' | 'R' | 'U', id: string) =>
  audit(ctx, { action, entity: `Practitioner/${id}`, subject: `Practitioner/${id}` })

/** One's own profile. Being a practitioner does not follow from it: see verify-licence.ts. */
export async function createPractitioner(ctx: Ctx, given: Static<typeof contract.NewPractitioner>): Promise<View> {
  await checkSpecialities(ctx, given.specialities)
  return unless('practitioner_one_per_account', onlyOnePractitioner, () =>
    projected(ctx, (ctx) => insertOwnPractitioner(ctx, newId(), given)),
  )
}

export async function insertOwnPractitioner(
  ctx: TransactionContext<Tables>,
  id: string,
  given: Static<typeof contract.NewPractitioner>,
): Promise<View> {
  const [account_id, now] = [accountOf(ctx), ctx.now()]
  const made = await queries.insertPractitioner(ctx.db, { id, account_id, ...given, created_at: now, updated_at: now })
  const self = { relationship: 'self', subject_type: 'Practitioner', subject_id: id, source_id: null }
  await insertGrant(ctx.db, { id: newId(), account_id, ...self, powers: OWN_PROFILE, valid_from: now })
  auditPractitioner(ctx, 'C', id)
  return toPractitioner({ ...made, licensed: false })
}

/** What one may of one's own profile as a practitioner: read it while nobody else does. */
export const OWN_PROFILE = ['see-record']

export const onlyOnePractitioner = () =>
  new Problem('duplicate', 'You have a practitioner profile already; an account has one. Change that.')

export async function checkSpecialities(ctx: Pick<Ctx, 'db'>, codes: string[] | undefined): Promise<void> {
  const unknown = codes?.length ? await unknownSpecialities(ctx.db, codes) : []
  if (unknown.length === 0) return
  throw new Problem('business-rule', 'Some specialities are not on the list; see GET /v1/specialities.', {
    errors: unknown.map((code) => ({
      pointer: `/body/specialities/${codes?.indexOf(code)}`,
      detail: `${code} is not a speciality`,
    })),
  })
}

export function readPractitioner(ctx: Ctx, id: string): Promise<View> {
  return transact(ctx, async (ctx) => {
    const row = await queries.visiblePractitioner(ctx.db, id, eyesOf(ctx))
    if (!row) throw notThere('practitioner')
    auditPractitioner(ctx, 'R', id)
    return toPractitioner(row)
  })
}

type PractitionerChange = Static<typeof contract.updatePractitioner.body>

export async function updatePractitioner(
  ctx: Ctx,
  id: string,
  given: PractitionerChange,
  version: number,
): Promise<View> {
  await checkSpecialities(ctx, given.specialities)
  return projected(ctx, (ctx) => changePractitioner(ctx, id, given, version))
}

export const keepsPractitioner = async (ctx: TransactionContext<Tables>, id: string): Promise<boolean> =>
  ctx.actor.self.practitioner === id ||
  isAdministrator(ctx) ||
  (await keptAtDesk(ctx, 'practitioner', id)) !== undefined

/** Without a version, whatever the present one is: of whoever holds the row. */
export async function changePractitioner(
  ctx: TransactionContext<Tables>,
  id: string,
  { active, ...facts }: PractitionerChange,
  version?: number,
): Promise<View> {
  if (!(await keepsPractitioner(ctx, id))) throw notThere('practitioner')
  if (active !== undefined) await lockLicences(ctx.db, id)
  const was = await queries.visiblePractitioner(ctx.db, id, eyesOf(ctx))
  if (!was || was.erased_at !== null) throw notThere('practitioner')
  if (was.version !== (version ?? was.version)) throw changedMeanwhile()
  const change = { ...facts, ...activityOf(ctx, active, was) }
  const row = await queries.updatePractitioner(ctx.db, id, was.version, change, ctx.now())
  if (!row) throw changedMeanwhile()
  if (change.deactivated_by !== undefined) await settleLicences(ctx.db, id, ctx.now())
  auditPractitioner(ctx, 'U', id)
  publish(ctx, practitionerChanged, { practitioner: id })
  return toPractitioner(row)
}

export function listPractitioners(
  ctx: Ctx,
  { status, q, limit = 20, cursor }: Search,
): Promise<Static<typeof contract.listPractitioners.response>> {
  const before = decodeCursor(cursor, ['uuid'])?.[0] as string | undefined
  return transact(ctx, async (ctx) => {
    const rows = await queries.listPractitioners(ctx.db, { status, q, before, now: ctx.now(), limit })
    const page = pageOf(rows, limit, ({ id }) => [id], toPractitioner)
    for (const { id } of page.items) auditPractitioner(ctx, 'R', id)
    return page
  })
}

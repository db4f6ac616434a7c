import type { Static } from 'typebox'
import { audit } from '#platform/audit.ts'
import { accountOf } from '#platform/auth.ts'
import type { Context } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { publish } from '#platform/events.ts'
import { newId } from '#platform/ids.ts'
import { transact } from '#platform/transaction.ts'
import { notThere, unless, wrong } from './caller.ts'
import { foldCode } from './caregivers.ts'
import type { createMandate as contract } from './contract/mandates.ts'
import { mandateGranted } from './contract.ts'
import type { Tables } from './database.ts'
import { sidesOf, toMandate } from './mandates.ts'
import { caregiverBy } from './queries/caregivers.ts'
import { insertGrant } from './queries/grants.ts'
import { insertMandate, type NamedMandateRow, mandate as readMandate } from './queries/mandates.ts'

type Ctx = Context<Tables>
type Request = Static<typeof contract.body>

const DEFAULT_YEARS = 1
const LONGEST_YEARS = 5
/** Clocks differ: a mandate "from now" must not be refused because ours is ahead. */
const TOLERANCE_MS = 5 * 60_000

/** Lets a caregiver act for the patient. Only the patient can; what it permits is the grant that is written with it. */
export async function createMandate(ctx: Ctx, request: Request): Promise<Static<typeof contract.response>> {
  const { patient, powers, evidence } = request
  if (ctx.actor.self.patient !== patient) throw notThere('patient')
  const [valid_from, valid_until] = periodOf(request, ctx.now())
  const caregiver = await caregiverNamed(ctx, request)
  const row = { id: newId(), patient_id: patient, caregiver_id: caregiver.id, powers, evidence: evidence ?? null }
  const dated = { ...row, valid_from, valid_until, granted_by: accountOf(ctx), created_at: ctx.now() }
  const merged = () => notThere('patient')
  return unless('mandate_one_at_a_time', onlyOne, () =>
    unless('patient_replaced', merged, () =>
      transact(ctx, async (ctx) => {
        await insertMandate(ctx.db, dated)
        const of = { relationship: 'mandate', subject_type: 'Patient', subject_id: patient, powers, source_id: row.id }
        await insertGrant(ctx.db, { id: newId(), account_id: caregiver.account_id, ...of, valid_from, valid_until })
        audit(ctx, {
          action: 'C',
          entity: `Mandate/${row.id}`,
          subject: `Patient/${patient}`,
          relationship: 'self',
        })
        publish(ctx, mandateGranted, { mandate: row.id, patient, caregiver: caregiver.id })
        return toMandate((await readMandate(ctx.db, row.id, sidesOf(ctx))) as NamedMandateRow, ctx.now())
      }),
    ),
  )
}

const onlyOne = () =>
  new Problem('duplicate', 'This caregiver has a mandate for that time already. Revoke it before you give another.')

async function caregiverNamed(ctx: Ctx, { caregiver, caregiverCode }: Request) {
  if ((caregiver === undefined) === (caregiverCode === undefined))
    throw new Problem('business-rule', 'Name the caregiver by either caregiverCode or caregiver.', {
      errors: [{ pointer: '/body', detail: 'needs one of caregiverCode and caregiver' }],
    })
  const by = caregiver === undefined ? { code: foldCode(caregiverCode ?? '') } : { id: caregiver }
  const found = await caregiverBy(ctx.db, by)
  const pointer = caregiver === undefined ? '/body/caregiverCode' : '/body/caregiver'
  if (!found)
    throw new Problem('business-rule', 'There is no such caregiver. Ask them for the code in their profile.', {
      errors: [{ pointer, detail: 'names no caregiver' }],
    })
  if (found.account_id === accountOf(ctx))
    throw new Problem('business-rule', 'You need no mandate for yourself.', {
      errors: [{ pointer, detail: 'is yourself' }],
    })
  return found
}

function periodOf({ validFrom, validUntil }: Request, now: Date): [from: Date, until: Date] {
  const asked = validFrom === undefined ? now : new Date(validFrom)
  if (asked.getTime() < now.getTime() - TOLERANCE_MS) throw wrong('/body/validFrom', 'must not be past')
  if (asked > inYears(now, LONGEST_YEARS)) throw wrong('/body/validFrom', `must be within ${LONGEST_YEARS} years`)
  const from = asked < now ? now : asked
  const until = validUntil === undefined ? inYears(from, DEFAULT_YEARS) : new Date(validUntil)
  if (until <= from) throw wrong('/body/validUntil', 'must be later than validFrom and than now')
  if (until > inYears(from, LONGEST_YEARS))
    throw wrong('/body/validUntil', `must be within ${LONGEST_YEARS} years of validFrom`)
  return [from, until]
}

/** A 29 February is followed by a 28th, as PostgreSQL counts. */
function inYears(from: Date, years: number): Date {
  const then = new Date(from)
  then.setUTCFullYear(from.getUTCFullYear() + years)
  if (then.getUTCMonth() !== from.getUTCMonth()) then.setUTCDate(0)
  return then
}

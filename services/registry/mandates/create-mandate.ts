import type { Static } from 'typebox'
import { audit } from '#platform/audit.ts'
import { accountOf } from '#platform/auth.ts'
import type { Context, TransactionContext } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { publish } from '#platform/events.ts'
import { newId } from '#platform/ids.ts'
import { isAdministrator, notThere, unless, wrong } from '../caller.ts'
import { foldCode } from '../caregivers.ts'
import type { createMandate as contract } from '../contract/mandates.ts'
import { mandateGranted } from '../contract.ts'
import type { Tables } from '../database.ts'
import { keptAtDesk } from '../desk/keep.ts'
import { worksBeside } from '../desk/queries.ts'
import { earlier, inYears } from '../instants.ts'
import { projected } from '../projection/projector.ts'
import { caregiverBy } from '../queries/caregivers.ts'
import { guardianOf } from '../queries/grants.ts'
import { insertMandate } from '../queries/mandates.ts'
import { lockPatient } from '../queries/patients.ts'
import { isMinor, majorityOf } from './majority.ts'
import { shown } from './mandates.ts'

type Ctx = Context<Tables>
type Request = Static<typeof contract.body>

const DEFAULT_YEARS = 1
export const LONGEST_YEARS = 5
/** Beyond what any mandate lasts. */
const FAR = new Date('9999-01-01T00:00:00Z')
/** Clocks differ: a mandate "from now" must not be refused because ours is ahead. */
const TOLERANCE_MS = 5 * 60_000

/** Asks a caregiver to act for the patient. It permits nothing until they have accepted: see accept-mandate.ts. */
export async function createMandate(ctx: Ctx, request: Request): Promise<Static<typeof contract.response>> {
  const { patient, powers, evidence } = request
  const now = ctx.now()
  const period = periodOf(request, now)
  const merged = () => notThere('patient')
  return unless('mandate_one_at_a_time', onlyOne, () =>
    unless('patient_replaced', merged, () =>
      projected(ctx, async (ctx) => {
        const { basis, until, ...granter } = await granterOf(ctx, request)
        const caregiver = await caregiverNamed(ctx, request)
        if (granter.relationship === 'desk') await checkNoColleague(ctx, patient, caregiver.account_id)
        if (period.from >= until) throw wrong('/body/validFrom', 'is later than this mandate can last')
        const valid_until = earlier(until, period.until)
        const row = { id: newId(), patient_id: patient, caregiver_id: caregiver.id, powers, evidence: evidence ?? null }
        const dated = { ...row, valid_from: period.from, valid_until, granted_by: accountOf(ctx), created_at: now }
        await insertMandate(ctx.db, { ...dated, basis })
        audit(ctx, { action: 'C', entity: `Mandate/${row.id}`, subject: `Patient/${patient}`, ...granter })
        publish(ctx, mandateGranted, { mandate: row.id, patient, caregiver: caregiver.id })
        return await shown(ctx, row.id)
      }),
    ),
  )
}

interface Granter {
  basis: 'patient' | 'delegated' | 'desk'
  relationship?: string
  /** The mandate lasts no longer. */
  until: Date
}

/** On what this caller may give it: the patient; a guardian, no more than they may do themselves; a desk, on evidence. */
async function granterOf(ctx: TransactionContext<Tables>, { patient, powers, evidence }: Request): Promise<Granter> {
  if (ctx.actor.self.patient === patient) return { basis: 'patient', relationship: 'self', until: FAR }
  const kept = !isAdministrator(ctx) && (await keptAtDesk(ctx, 'patient', patient)) !== undefined // locks more than what follows
  const row = await lockPatient(ctx.db, patient)
  const guardian = row && (await guardianOf(ctx.db, { account: accountOf(ctx), patient, now: ctx.now() }))
  if (guardian) {
    const beyond = powers.filter((power) => !guardian.powers.includes(power))
    if (beyond.length > 0) throw wrong('/body/powers', 'must be among your own')
    return { basis: 'delegated', relationship: 'mandate', until: guardian.valid_until }
  }
  if (!row || !(kept || isAdministrator(ctx))) throw notThere('patient')
  if (!evidence?.trim())
    throw new Problem('business-rule', 'A mandate that is given at a desk needs its evidence written down.', {
      errors: [{ pointer: '/body/evidence', detail: 'is needed at a desk' }],
    })
  const until = isMinor(row, ctx) ? majorityOf(row, ctx.config) : FAR
  return kept ? byStaff(ctx, powers, until) : { basis: 'desk', until }
}

/**
 * Who sees no record lets nobody else see one, and gives nothing for long: see docs/decisions/0029-mandates-at-a-desk.md. An administrator gives the
 * rest.
 */
function byStaff(ctx: Pick<Ctx, 'now'>, powers: Request['powers'], until: Date): Granter {
  if (powers.some((power) => power.startsWith('see-')))
    throw new Problem(
      'business-rule',
      'A desk gives no sight of a record. Ask the patient, a guardian or an administrator.',
      {
        errors: [{ pointer: '/body/powers', detail: 'must be among book, receive-messages and pay' }],
      },
    )
  return { basis: 'desk', relationship: 'desk', until: earlier(until, inYears(ctx.now(), DEFAULT_YEARS)) }
}

export const onlyOne = () =>
  new Problem('duplicate', 'This caregiver has a mandate for that time already. Revoke it before you give another.')

async function caregiverNamed(ctx: TransactionContext<Tables>, { caregiver, caregiverCode }: Request) {
  if ((caregiver === undefined) === (caregiverCode === undefined))
    throw new Problem('business-rule', 'Name the caregiver by either caregiverCode or caregiver.', {
      errors: [{ pointer: '/body', detail: 'needs one of caregiverCode and caregiver' }],
    })
  const by = caregiver === undefined ? { code: foldCode(caregiverCode ?? '') } : { id: caregiver }
  const found = await caregiverBy(ctx.db, by)
  const pointer = caregiver === undefined ? '/body/caregiverCode' : '/body/caregiver'
  if (!found || found.deactivated_at !== null)
    throw new Problem('business-rule', 'There is no such caregiver. Ask them for the code in their profile.', {
      errors: [{ pointer, detail: 'names no caregiver' }],
    })
  if (found.account_id === accountOf(ctx))
    throw new Problem('business-rule', 'You need no mandate for yourself.', {
      errors: [{ pointer, detail: 'is yourself' }],
    })
  return found
}

/** Else two at one desk could open to each other, at home and on their own telephones, whom they look after at work. */
async function checkNoColleague(ctx: TransactionContext<Tables>, patient: string, caregiver: string): Promise<void> {
  if (await worksBeside(ctx.db, { account: caregiver, colleague: accountOf(ctx), patient }))
    throw new Problem('business-rule', 'Who works at the desk is given no mandate by it. Ask an administrator.', {
      errors: [{ pointer: '/body', detail: 'names somebody of the same desk' }],
    })
}

function periodOf({ validFrom, validUntil }: Request, now: Date): { from: Date; until: Date } {
  const asked = validFrom === undefined ? now : new Date(validFrom)
  if (asked.getTime() < now.getTime() - TOLERANCE_MS) throw wrong('/body/validFrom', 'must not be past')
  if (asked > inYears(now, LONGEST_YEARS)) throw wrong('/body/validFrom', `must be within ${LONGEST_YEARS} years`)
  const from = asked < now ? now : asked
  const until = validUntil === undefined ? inYears(from, DEFAULT_YEARS) : new Date(validUntil)
  if (until <= from) throw wrong('/body/validUntil', 'must be later than validFrom and than now')
  if (until > inYears(from, LONGEST_YEARS))
    throw wrong('/body/validUntil', `must be within ${LONGEST_YEARS} years of validFrom`)
  return { from, until }
}

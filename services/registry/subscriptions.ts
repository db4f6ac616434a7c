import type { Static } from 'typebox'
import { audit } from '#platform/audit.ts'
import type { Context, TransactionContext } from '#platform/context.ts'
import { on, type Subscription } from '#platform/events.ts'
import { transact } from '#platform/transaction.ts'
import {
  appointmentBooked,
  appointmentCancelled,
  appointmentRescheduled,
  readAppointmentCard,
} from '../scheduling/contract.ts'
import type { Tables } from './database.ts'
import { alsoMoved, standing } from './duplicates/queries/merging.ts'
import { endTreatment, insertTreatment, moveTreatment, practitionerAccount } from './queries/grants.ts'

type Ctx = Context<Tables>
type About = Static<typeof appointmentBooked.payload>

/** A practitioner writes up, and is asked back, for some weeks after a visit. */
const AFTERWARDS_DAYS = 30

const afterwards = (end: string) => new Date(Date.parse(end) + AFTERWARDS_DAYS * 86_400_000)

/** A booked visit makes a treatment relationship: from now, so that the practitioner can prepare. */
async function beginTreatment(ctx: Ctx, about: About): Promise<void> {
  const { status, end } = await ctx.call(readAppointmentCard, { params: { id: about.appointment } })
  await transact(ctx, async (ctx) => {
    const until = afterwards(end)
    const made = status === 'cancelled' || until <= ctx.now() ? undefined : await grantFor(ctx, about, until)
    if (!made) return
    const { grant, merge } = made
    await insertTreatment(ctx.db, grant)
    if (merge !== null) await alsoMoved(ctx.db, merge, grant.id)
    auditTreatment(ctx, 'C', about)
  })
}

async function prolongTreatment(ctx: Ctx, { appointment }: About): Promise<void> {
  const { end } = await ctx.call(readAppointmentCard, { params: { id: appointment } })
  await transact(ctx, (ctx) => moveTreatment(ctx.db, appointment, afterwards(end)))
}

async function cancelTreatment(ctx: Ctx, about: About): Promise<void> {
  await transact(ctx, async (ctx) => {
    const made = await grantFor(ctx, about, null)
    if (!made) return
    const { grant, merge } = made
    await endTreatment(ctx.db, grant, ctx.now())
    if (merge !== null) await alsoMoved(ctx.db, merge, grant.id)
    auditTreatment(ctx, 'D', about)
  })
}

/** For whoever stands for the patient now: the visit may have been booked before two records became one, and be told of after it. */
async function grantFor(ctx: TransactionContext<Tables>, of: About, valid_until: Date | null) {
  const account_id = (await practitionerAccount(ctx.db, of.practitioner))?.account_id
  if (!account_id) return undefined
  const { survivor: subject_id, merge } = await standing(ctx.db, of.patient)
  const grant = {
    id: of.appointment,
    account_id,
    relationship: 'treatment',
    subject_type: 'Patient',
    subject_id,
    powers: ['see-record'],
    source_id: of.appointment,
    valid_from: ctx.now(),
    valid_until,
  }
  return { grant, merge }
}

const auditTreatment = (ctx: TransactionContext<Tables>, action: 'C' | 'D', { appointment, patient }: About) =>
  audit(ctx, { action, entity: `Treatment/${appointment}`, subject: `Patient/${patient}` })

export const subscriptions: Subscription<Tables>[] = [
  on(appointmentBooked, beginTreatment),
  on(appointmentRescheduled, prolongTreatment),
  on(appointmentCancelled, cancelTreatment),
]

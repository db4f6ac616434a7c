import type { Static } from 'typebox'
import { audit } from '#platform/audit.ts'
import type { Context, TransactionContext } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { on, type Subscription } from '#platform/events.ts'
import { transact } from '#platform/transaction.ts'
import {
  appointmentBooked,
  appointmentCancelled,
  appointmentRescheduled,
  bookedWithPractitioner,
  readAppointmentCards,
  readQueueEntryCard,
  unbookedCalled,
  unbookedReturned,
} from '../scheduling/contract.ts'
import type { Tables } from './database.ts'
import { endVisit, keepVisit, organisationAt } from './desk/queries.ts'
import { alsoMoved, standing, visitAlsoMoved } from './duplicates/queries/merging.ts'
import { endTreatment, insertTreatment, moveTreatment, practitionerAccount, settleTreatment } from './queries/grants.ts'

type Ctx = Context<Tables>
type About = Static<typeof appointmentBooked.payload>

/** A practitioner writes up, and is asked back, for some weeks after a visit. */
const AFTERWARDS_DAYS = 30

const afterwards = (end: string) => new Date(Date.parse(end) + AFTERWARDS_DAYS * 86_400_000)

async function visitOf(ctx: Ctx, { appointment }: About) {
  const { items } = await ctx.call(readAppointmentCards, { body: { appointments: [appointment] } })
  const [card] = items
  if (!card) throw new Problem('not-found', 'There is no such appointment.')
  return card
}

/** A booked visit makes a treatment relationship: from now, so that the practitioner can prepare. */
async function beginTreatment(ctx: Ctx, about: About): Promise<void> {
  const { status, end, place } = await visitOf(ctx, about)
  await transact(ctx, async (ctx) => {
    const until = afterwards(end)
    if (status === 'cancelled' || until <= ctx.now()) return
    await keepVisit(ctx.db, about.appointment, await visitAt(ctx, about, place, until), ctx.now())
    await visitAlsoMoved(ctx.db, about)
    const made = await grantFor(ctx, about, until)
    if (!made) return
    const { grant, merge } = made
    await insertTreatment(ctx.db, grant)
    if (merge !== null) await alsoMoved(ctx.db, merge, grant.id)
    auditTreatment(ctx, 'C', about)
  })
}

/** A practitioner who takes over a profile from a desk has visits already, for which there was no account to see a record. */
export async function beginTreatments(given: Ctx, { practitioner }: { practitioner: string }): Promise<void> {
  const ctx = { ...given, once: undefined } // each treatment has the id of its visit, and begins once
  const since = new Date(ctx.now().getTime() - AFTERWARDS_DAYS * 86_400_000).toISOString()
  for (let after: string | undefined, more = true; more; ) {
    const query = { since, ...(after !== undefined && { after }) }
    const { items } = await ctx.call(bookedWithPractitioner, { params: { id: practitioner }, query })
    for (const about of items) await beginTreatment(ctx, about)
    after = items.at(-1)?.appointment
    more = after !== undefined
  }
}

async function prolongTreatment(ctx: Ctx, about: About): Promise<void> {
  const { appointment } = about
  const { status, end, place } = await visitOf(ctx, about)
  await transact(ctx, async (ctx) => {
    await moveTreatment(ctx.db, appointment, afterwards(end))
    if (status === 'cancelled') return
    await keepVisit(ctx.db, appointment, await visitAt(ctx, about, place, afterwards(end)), ctx.now())
    await visitAlsoMoved(ctx.db, about)
  })
}

async function cancelTreatment(ctx: Ctx, about: About): Promise<void> {
  const { place } = await visitOf(ctx, about)
  await transact(ctx, async (ctx) => {
    const visit = await visitAt(ctx, about, place, null)
    if (visit) await endVisit(ctx.db, visit)
    else await keepVisit(ctx.db, about.appointment, undefined, ctx.now())
    await visitAlsoMoved(ctx.db, about)
    const made = await grantFor(ctx, about, null)
    if (!made) return
    const { grant, merge } = made
    await endTreatment(ctx.db, grant, ctx.now())
    if (merge !== null) await alsoMoved(ctx.db, merge, grant.id)
    auditTreatment(ctx, 'D', about)
  })
}

/** Whose place it is, or whose practitioner: their desk awaits the patient, and may see and book for them as long as the practitioner may look back. */
async function visitAt(ctx: TransactionContext<Tables>, of: About, place: string | undefined, until: Date | null) {
  const organisation = await organisationAt(ctx.db, { place, practitioner: of.practitioner })
  if (organisation === null) return undefined
  const { survivor } = await standing(ctx.db, of.patient)
  return { appointment: of.appointment, patient: survivor, organisation, until, now: ctx.now() }
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

/**
 * Somebody is seen without a booking, or by another than the one with whom they were booked. Which of calls and returns is heard of first does not matter:
 * what is written is what scheduling says now, and it is asked again until nothing has changed meanwhile.
 */
async function followCall(given: Ctx, { entry, patient, practitioner }: Static<typeof unbookedCalled.payload>) {
  const ctx = { ...given, once: undefined } // the effect is the same however often it is taken
  const ask = () => ctx.call(readQueueEntryCard, { params: { id: entry } })
  for (let card = await ask(), written = ''; written !== JSON.stringify(card); card = await ask()) {
    written = JSON.stringify(card)
    const stands = card.practitioner === practitioner && card.patient !== undefined
    const until = stands && card.calledAt !== undefined ? afterwards(card.calledAt) : null
    await transact(ctx, async (ctx) => {
      const made = await grantFor(ctx, { appointment: entry, patient: card.patient ?? patient, practitioner }, until)
      if (!made) return
      const { id: _id, ...grant } = made.grant
      await settleTreatment(ctx.db, { ...grant, entry, practitioner }, stands, ctx.now())
      audit(ctx, { action: stands ? 'C' : 'D', entity: `Treatment/${entry}`, subject: `Patient/${grant.subject_id}` })
    })
  }
}

export const subscriptions: Subscription<Tables>[] = [
  on(appointmentBooked, beginTreatment),
  on(appointmentRescheduled, prolongTreatment),
  on(appointmentCancelled, cancelTreatment),
  on(unbookedCalled, followCall),
  on(unbookedReturned, followCall),
]

import type { Static } from 'typebox'
import { labelled } from '#fhir/rooms/labels.ts'
import { relationshipOf } from '#fhir/rooms/relationship.ts'
import { writeResources } from '#fhir/rooms/write.ts'
import { audit } from '#platform/audit.ts'
import type { Context, TransactionContext } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { newId } from '#platform/ids.ts'
import { transact } from '#platform/transaction.ts'
import { readAppointmentCards, readQueueEntryCard } from '../scheduling/contract.ts'
import { toSummary } from './consultation-view.ts'
import type { beginConsultation, ConsultationSummary } from './contract.ts'
import { insertDraft } from './queries/drafts.ts'
import { begunOf, type ConsultationRow, insertConsultation } from './queries.ts'
import type { ConsultationsTables } from './tables.ts'
import { notThere, practitionerOf, viewerOf } from './viewer.ts'

type Ctx = Context<ConsultationsTables>
type Wish = Static<typeof beginConsultation.body>

/** What a visit says of the consultation that it becomes. */
interface Of {
  patient: string
  mode?: string
  category?: string
}

/** Writes that they met, and a draft for what is found. Who treats whom follows from the visit: registry has given it when the visit was booked, or the number called. */
export async function begin(ctx: Ctx, wish: Wish): Promise<Static<typeof ConsultationSummary>> {
  checkShape(wish)
  const practitioner = practitionerOf(ctx)
  const of = await visitOf(ctx, wish, practitioner)
  return transact(ctx, async (ctx) => {
    const row = await insertConsultation(ctx.db, {
      id: newId(),
      composition_id: newId(),
      patient_id: of.patient,
      practitioner_id: practitioner,
      practitioner_ids: (wish.practitioners ?? []).filter((one) => one !== practitioner),
      account_id: viewerOf(ctx).account,
      appointment_id: wish.appointment ?? null,
      queue_entry_id: wish.queueEntry ?? null,
      mode: wish.mode ?? of.mode ?? 'in-person',
      link: wish.link ?? null,
      category: wish.category ?? of.category ?? 'general',
      started_at: ctx.now(),
    })
    if (!row) return begunBefore(ctx, wish)
    await insertDraft(ctx.db, { consultation: row.id }, ctx.now())
    await writeResources(ctx, [{ resource: encounterOf(row), isHeld: true }])
    return toSummary(row)
  })
}

function checkShape({ appointment, queueEntry, patient, mode, link }: Wish): void {
  const wrong = (pointer: string, detail: string) =>
    new Problem('business-rule', 'These do not go together.', { errors: [{ pointer, detail }] })
  if ([appointment, queueEntry, patient].filter((one) => one !== undefined).length !== 1)
    throw wrong('/body', 'must name one of appointment, queueEntry and patient')
  if (link !== undefined && mode !== undefined && mode !== 'video') throw wrong('/body/link', 'is of the mode `video`')
}

async function visitOf(ctx: Ctx, { appointment, queueEntry, patient = '' }: Wish, practitioner: string): Promise<Of> {
  if (appointment !== undefined) return ofAppointment(ctx, appointment)
  if (queueEntry !== undefined) return ofQueueEntry(ctx, queueEntry, practitioner)
  await expectTreated(ctx, patient, 'patient')
  return { patient }
}

async function ofAppointment(ctx: Ctx, id: string): Promise<Of> {
  const { items } = await ctx.call(readAppointmentCards, { body: { appointments: [id] } })
  const [card] = items
  if (!card) throw notThere('appointment')
  await expectTreated(ctx, card.patient, 'appointment')
  if (card.status !== 'arrived' && card.status !== 'fulfilled')
    throw new Problem('business-rule', 'Nobody has come for this appointment yet. Check them in first.', {
      errors: [{ pointer: '/body/appointment', detail: 'has not arrived' }],
    })
  return { patient: card.patient, mode: card.mode, category: card.category }
}

/** Who was called by others is theirs to see. */
async function ofQueueEntry(ctx: Ctx, id: string, practitioner: string): Promise<Of> {
  const card = await ctx.call(readQueueEntryCard, { params: { id } }).catch((error: unknown) => {
    throw error instanceof Problem && error.code === 'not-found' ? notThere('number in a queue') : error
  })
  if (card.practitioner !== practitioner) throw notThere('number in a queue')
  if (card.patient === undefined)
    throw new Problem('business-rule', 'Whoever has this number is not registered yet. Register them first.', {
      errors: [{ pointer: '/body/queueEntry', detail: 'is of nobody who is registered' }],
    })
  await expectTreated(ctx, card.patient, 'number in a queue')
  return { patient: card.patient }
}

async function expectTreated(ctx: Ctx, patient: string, what: string): Promise<void> {
  const relationship = await relationshipOf(ctx, patient)
  if (relationship === undefined) throw notThere(what)
  if (relationship !== 'treatment' && relationship !== 'break-glass')
    throw new Problem('forbidden', 'Only who treats a patient begins a consultation with them.')
}

async function begunBefore(ctx: TransactionContext<ConsultationsTables>, wish: Wish) {
  const before = await begunOf(ctx.db, wish, viewerOf(ctx))
  if (!before) throw notThere('visit')
  audit(ctx, { action: 'R', entity: `Encounter/${before.id}`, subject: `Patient/${before.patient_id}` })
  return toSummary(before)
}

const encounterOf = (row: ConsultationRow) => ({
  resourceType: 'Encounter',
  id: row.id,
  ...labelled(row),
  status: 'in-progress',
  class: {
    system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode',
    code: row.mode === 'in-person' ? 'AMB' : 'VR',
  },
  type: [{ text: `Consultation (${row.mode})` }],
  subject: { reference: `Patient/${row.patient_id}` },
  participant: [row.practitioner_id, ...row.practitioner_ids].map((id) => ({
    individual: { reference: `Practitioner/${id}` },
  })),
  ...(row.appointment_id !== null && { appointment: [{ reference: `Appointment/${row.appointment_id}` }] }),
  period: { start: row.started_at.toISOString() },
})

import type { Static } from 'typebox'
import { categoryOf, labelled } from '#fhir/rooms/labels.ts'
import { findOf, findWithin, type Kept, readWithin } from '#fhir/rooms/read.ts'
import { writeResources } from '#fhir/rooms/write.ts'
import { accountOf, practising } from '#platform/auth.ts'
import type { Context, TransactionContext } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { publish } from '#platform/events.ts'
import { newId } from '#platform/ids.ts'
import { transact } from '#platform/transaction.ts'
import { readAppointmentCards } from '../scheduling/contract.ts'
import type { listThreadMessages, sendThreadMessage, ThreadMessage } from './contract/messages.ts'
import { messageSent, type readThreadMessageCard } from './contract.ts'
import { type Standing, standingTo, takeTurnToWrite } from './queries/threads.ts'
import { seenConsultation } from './queries.ts'
import type { ConsultationsTables } from './tables.ts'
import { notThere, viewerOf } from './viewer.ts'

// What patient and practitioner write to each other about a visit: a Communication each, which is part of the record. Before the visit they have its appointment in common;
// the consultation of an appointment goes on in the same thread.

type Ctx = Context<ConsultationsTables>
type Named = { appointment?: string; consultation?: string }
type Message = Static<typeof ThreadMessage>

interface Thread {
  appointment: string | undefined
  consultation: string | undefined
  patient: string
  practitioner: string
  category: string
  standing: Standing
}

const nowhere = () => notThere('visit')

async function threadOf(ctx: Ctx, { appointment, consultation }: Named): Promise<Thread> {
  if ((appointment === undefined) === (consultation === undefined))
    throw new Problem('business-rule', 'Name either the appointment or the consultation.')
  const of =
    consultation === undefined ? await ofAppointment(ctx, appointment ?? '') : await ofConsultation(ctx, consultation)
  if (!of) throw nowhere()
  const standing = await standingTo(ctx.db, { account: accountOf(ctx), ...of }, ctx.now())
  if (!standing) throw nowhere()
  return { ...of, standing }
}

async function ofConsultation(ctx: Ctx, id: string): Promise<Omit<Thread, 'standing'> | undefined> {
  const row = await seenConsultation(ctx.db, id, viewerOf(ctx))
  return (
    row && {
      appointment: row.appointment_id ?? undefined,
      consultation: id,
      patient: row.patient_id,
      practitioner: row.practitioner_id,
      category: row.category,
    }
  )
}

async function ofAppointment(ctx: Ctx, id: string): Promise<Omit<Thread, 'standing'> | undefined> {
  const { items } = await ctx.call(readAppointmentCards, { body: { appointments: [id] } })
  const [card] = items
  if (!card) return undefined
  const { patient, practitioner, category } = card
  return { appointment: id, consultation: undefined, patient, practitioner, category }
}

export async function send(ctx: Ctx, { text, ...of }: Static<typeof sendThreadMessage.body>): Promise<Message> {
  const thread = await threadOf(ctx, of)
  const sender = senderIn(ctx, thread)
  if (text.trim() === '')
    throw new Problem('business-rule', 'The message says nothing.', {
      errors: [{ pointer: '/body/text', detail: 'is empty' }],
    })
  return transact(ctx, async (ctx) => {
    await expectFew(ctx, thread, sender)
    const sent = ctx.now().toISOString()
    const resource = { ...communicationOf(thread, sender, text), id: newId(), sent }
    // Who may write in a thread is not for who treats alone, and has been looked at.
    const [written] = await writeResources(ctx, [{ resource, isHeld: true }], { isPermitted: true })
    const { patient, practitioner } = thread
    publish(ctx, messageSent, { message: resource.id, patient, practitioner, by: accountOf(ctx) })
    return toMessage(written as Kept)
  })
}

const DAY = 86_400_000
/** Of one writer to one patient in a day: each is told to the other side, and read by somebody. */
const MOST = 50

async function expectFew(
  ctx: TransactionContext<ConsultationsTables>,
  { patient }: Thread,
  sender: string,
): Promise<void> {
  await takeTurnToWrite(ctx.db, `${sender} ${patient}`)
  const since = new Date(ctx.now().getTime() - DAY).toISOString()
  const { resources } = await findWithin(
    ctx,
    'Communication',
    { patient, sender, sent: `gt${since}`, _count: String(MOST) },
    { isHeld: true, isForHouse: true },
  )
  if (resources.length < MOST) return
  const first = Math.min(...resources.map(({ sent }) => Date.parse(String(sent))))
  throw new Problem(
    'throttled',
    `That are ${MOST} messages in a day. Write the rest later, or call; in an emergency call the emergency number.`,
    { retryAfterSeconds: Math.ceil((first + DAY - ctx.now().getTime()) / 1_000) },
  )
}

function senderIn(ctx: Ctx, { standing: { relationship, mandate }, patient }: Thread): string {
  if (relationship === 'self') return `Patient/${patient}`
  const practitioner = practising(ctx)
  if ((relationship === 'treatment' || relationship === 'break-glass') && practitioner)
    return `Practitioner/${practitioner}`
  if (mandate) return `RelatedPerson/${mandate}`
  throw new Problem(
    'forbidden',
    'Your mandate has you read this, and not answer it: that takes receiving the messages of the patient.',
  )
}

function communicationOf(thread: Thread, sender: string, text: string) {
  const { appointment, consultation, patient, practitioner } = thread
  const recipient = sender.startsWith('Practitioner/') ? `Patient/${patient}` : `Practitioner/${practitioner}`
  return {
    resourceType: 'Communication',
    ...labelled([thread.category]),
    ...(appointment !== undefined && { basedOn: [{ reference: `Appointment/${appointment}` }] }),
    status: 'completed',
    subject: { reference: `Patient/${patient}` },
    ...(consultation !== undefined && { encounter: { reference: `Encounter/${consultation}` } }),
    recipient: [{ reference: recipient }],
    sender: { reference: sender },
    payload: [{ contentString: text }],
  }
}

export async function list(
  ctx: Ctx,
  { limit = 20, cursor, ...of }: Static<typeof listThreadMessages.query>,
): Promise<Static<typeof listThreadMessages.response>> {
  const { appointment, consultation, patient } = await threadOf(ctx, of)
  const { resources, next } = await findOf(
    ctx,
    'Communication',
    {
      patient,
      ...(appointment === undefined
        ? { encounter: `Encounter/${consultation}` }
        : { 'based-on': `Appointment/${appointment}` }),
      _sort: '-sent',
      _count: String(limit),
      ...(cursor !== undefined && { cursor }),
    },
    { isHeld: true },
  )
  return { items: resources.map(toMessage), ...(next !== undefined && { next }) }
}

interface Communication {
  basedOn?: { reference: string }[]
  encounter?: { reference: string }
  subject: { reference: string }
  sender: { reference: string }
  recipient: { reference: string }[]
  payload: { contentString: string }[]
  sent: string
}

const FROM: Readonly<Record<string, Message['from']>> = {
  Patient: 'patient',
  Practitioner: 'practitioner',
  RelatedPerson: 'caregiver',
}
const idIn = ({ reference }: { reference: string }): string => reference.split('/')[1] ?? ''

function toMessage(resource: Kept): Message {
  const { basedOn, encounter, subject, sender, payload, sent } = resource as unknown as Communication
  const [appointment] = basedOn ?? []
  return {
    id: resource.id,
    ...(appointment && { appointment: idIn(appointment) }),
    ...(encounter && { consultation: idIn(encounter) }),
    patient: idIn(subject),
    from: FROM[sender.reference.split('/')[0] ?? ''] ?? 'caregiver',
    text: payload[0]?.contentString ?? '',
    sentAt: sent,
  }
}

/** For who tells people of it, without a word of what it says. */
export function cardOf(ctx: Ctx, id: string): Promise<Static<typeof readThreadMessageCard.response>> {
  return transact(ctx, async (ctx) => {
    const found = (await readWithin(ctx, [{ type: 'Communication', id }])).get(`Communication/${id}`)
    if (!found) throw notThere('message')
    const { subject, sender, recipient } = found as unknown as Communication
    const practitioner = [sender, ...recipient].find(({ reference }) => reference.startsWith('Practitioner/'))
    if (!practitioner) throw notThere('message')
    return { id, patient: idIn(subject), practitioner: idIn(practitioner), category: categoryOf(found) }
  })
}

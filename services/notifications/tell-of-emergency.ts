import type { Context } from '#platform/context.ts'
import { transact } from '#platform/transaction.ts'
import { readPatientCard, readPractitionerCard } from '../registry/contract.ts'
import { contactsOf, reach } from './contacts.ts'
import { accountsThatAre, caregiversToldOf, type Message } from './queries.ts'
import { asName } from './render.ts'
import type { NotificationsTables } from './tables.ts'
import { tell } from './tell.ts'

interface Emergency {
  breakGlass: string
  patient: string
  practitioner: string
}

/** Tells the patient at once, and caregivers who receive the patient's messages: a child hears nothing by itself. */
export async function tellOfEmergency(ctx: Context<NotificationsTables>, event: Emergency): Promise<void> {
  const at = ctx.now()
  const [own, caregivers, patient, practitioner] = await Promise.all([
    accountsThatAre(ctx.db, event.patient, at),
    caregiversToldOf(ctx.db, event.patient, at),
    ctx.call(readPatientCard, { params: { id: event.patient } }),
    ctx.call(readPractitionerCard, { params: { id: event.practitioner } }),
  ])
  const others = caregivers.filter((account) => !own.includes(account))
  const contacts = await contactsOf(ctx, [...own, ...others])
  const names = { practitioner: asName(practitioner.name), patient: asName(patient.name) }
  const message = (account: string, part: 'patient' | 'caregiver'): Message => ({
    ...reach(ctx, contacts.get(account)),
    account,
    part,
    template: `record-opened.${part}`,
    params: part === 'patient' ? { practitioner: names.practitioner } : names,
    resource: `BreakGlass/${event.breakGlass}`,
    subject: part === 'patient' ? null : event.patient,
    power: part === 'patient' ? null : 'receive-messages',
  })
  const messages = [...own.map((one) => message(one, 'patient')), ...others.map((one) => message(one, 'caregiver'))]
  await transact(ctx, (ctx) => tell(ctx, messages, event.patient))
}

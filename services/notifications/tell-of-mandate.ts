import type { Context } from '#platform/context.ts'
import { transact } from '#platform/transaction.ts'
import { readPatientCard } from '../registry/contract.ts'
import { contactsOf, reach } from './contacts.ts'
import { accountsThatAre, type Message, stillGranted, withdrawn } from './queries.ts'
import { asName } from './render.ts'
import type { NotificationsTables } from './tables.ts'
import { tell } from './tell.ts'

interface MandateEvent {
  mandate: string
  patient: string
  caregiver: string
}

type What = 'granted' | 'accepted' | 'ending' | 'revoked'

/** Tells both sides that a mandate was given, accepted, is near its end, or ended. What comes late, when it is no longer so, is not told. */
export async function tellOfMandate(ctx: Context<NotificationsTables>, what: What, event: MandateEvent): Promise<void> {
  const isSo =
    what === 'granted'
      ? !(await withdrawn(ctx.db, event.mandate))
      : (await stillGranted(ctx.db, event.mandate)) === (what !== 'revoked')
  const messages = isSo ? await messagesFor(ctx, what, event) : []
  await transact(ctx, (ctx) => tell(ctx, messages))
}

async function messagesFor(ctx: Context<NotificationsTables>, what: What, { mandate, ...event }: MandateEvent) {
  const at = ctx.now()
  const [patients, caregivers, card] = await Promise.all([
    accountsThatAre(ctx.db, event.patient, at),
    accountsThatAre(ctx.db, event.caregiver, at),
    ctx.call(readPatientCard, { params: { id: event.patient } }),
  ])
  const accounts = [...new Set([...patients, ...caregivers])]
  const contacts = await contactsOf(ctx, accounts)
  const caregiver = asName(caregivers.map((account) => contacts.get(account)?.name)[0] ?? '')
  const message = (account: string, part: 'patient' | 'caregiver'): Message => ({
    ...reach(ctx, contacts.get(account)),
    account,
    part,
    template: `mandate-${what}.${part}`,
    params: { patient: asName(card.name), caregiver },
    resource: `Mandate/${mandate}`,
    concerns: [event.patient, event.caregiver],
    // Both are parties to the mandate: its end must be told, and stay readable, after it has ended.
    subject: null,
    power: null,
  })
  return accounts.map((account) => message(account, patients.includes(account) ? 'patient' : 'caregiver'))
}

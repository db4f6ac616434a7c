import type { Context } from '#platform/context.ts'
import { transact } from '#platform/transaction.ts'
import { readContacts } from '../identity/contract.ts'
import { readPatientCard } from '../registry/contract.ts'
import { accountsThatAre, type Message, stillGranted } from './queries.ts'
import { asName } from './render.ts'
import type { Tables } from './tables.ts'
import { tell } from './tell.ts'

interface MandateEvent {
  mandate: string
  patient: string
  caregiver: string
}

/** Tells both sides that a mandate began or ended. A grant that comes late, when it has been withdrawn already, is not told. */
export async function tellOfMandate(
  ctx: Context<Tables>,
  what: 'granted' | 'revoked',
  event: MandateEvent,
): Promise<void> {
  const isSo = (await stillGranted(ctx.db, event.mandate)) === (what === 'granted')
  const messages = isSo ? await messagesFor(ctx, what, event) : []
  await transact(ctx, (ctx) => tell(ctx, messages))
}

async function messagesFor(ctx: Context<Tables>, what: 'granted' | 'revoked', { mandate, ...event }: MandateEvent) {
  const at = ctx.now()
  const [patients, caregivers, card] = await Promise.all([
    accountsThatAre(ctx.db, event.patient, at),
    accountsThatAre(ctx.db, event.caregiver, at),
    ctx.call(readPatientCard, { params: { id: event.patient } }),
  ])
  const accounts = [...new Set([...patients, ...caregivers])]
  const { items } = accounts.length > 0 ? await ctx.call(readContacts, { body: { accounts } }) : { items: [] }
  const contacts = new Map(items.map((contact) => [contact.account, contact]))
  const caregiver = asName(caregivers.map((account) => contacts.get(account)?.name)[0] ?? '')
  const message = (account: string, part: 'patient' | 'caregiver'): Message => ({
    account,
    part,
    template: `mandate-${what}.${part}`,
    params: { patient: asName(card.name), caregiver },
    resource: `Mandate/${mandate}`,
    // Both are parties to the mandate: its end must be told, and stay readable, after it has ended.
    subject: null,
    power: null,
    email: contacts.get(account)?.email !== undefined,
  })
  return accounts.map((account) => message(account, patients.includes(account) ? 'patient' : 'caregiver'))
}

import type { Context } from '#platform/context.ts'
import { contactsOf, MOST_ASKED, reach, waysOf } from '../contacts.ts'
import { postOfficesOf } from '../open-things.ts'
import { planOf } from '../preferences/plan.ts'
import { type Audience, countTreated, type Listener, listenersOf } from '../queries/audience.ts'
import type { Counts } from '../queries/messages.ts'
import { stoppedAmong } from '../queries/phones.ts'
import { preferencesOf } from '../queries/preferences.ts'
import { carriersOf } from '../sms/carriers.ts'
import type { NotificationsTables } from '../tables.ts'
import { messageTo } from './message-to.ts'

type Ctx = Context<NotificationsTables>

/** Whom it reaches by which way, as it would go now: by what each has chosen, only where they have proved an address, and no phone that said STOP. */
export async function countOf(ctx: Ctx, of: Audience): Promise<Counts> {
  const at = ctx.now()
  const counts: Counts = { people: 0, email: 0, sms: 0, push: 0 }
  if (of.audience !== 'role') Object.assign(counts, await countTreated(ctx.db, of, at))
  for (let after: Listener | undefined, more = true; more; ) {
    const some = await listenersOf(ctx.db, of, { at, after, limit: MOST_ASKED })
    await addTo(counts, ctx, some)
    after = some.at(-1)
    more = some.length === MOST_ASKED
  }
  return counts
}

async function addTo(counts: Counts, ctx: Ctx, some: readonly Listener[]): Promise<void> {
  const accounts = [...new Set(some.map(({ account }) => account))]
  if (accounts.length === 0) return
  const [ways, preferences] = [await waysOf(ctx, accounts), await preferencesOf(ctx.db, accounts)]
  const texted: string[] = []
  for (const one of some) {
    const of = ways.get(one.account)
    const message = messageTo({ ...one, ...reach(ctx, of) }, { id: '', text: '' })
    const planned = planOf(message, preferences, ctx.now()).filter(({ reason }) => reason === undefined)
    if (of?.proved.includes('email') && planned.some(({ channel }) => channel === 'email')) counts.email++
    if (of?.push && planned.some(({ channel }) => channel === 'push')) counts.push++
    if (of?.proved.includes('phone') && planned.some(({ channel }) => channel === 'sms')) texted.push(one.account)
  }
  counts.people += some.length
  if (postOfficesOf(ctx).length === 0) counts.email = 0
  if (carriersOf(ctx).length > 0) counts.sms += texted.length - (await countStopped(ctx, texted))
}

/** Numbers are read only of those who would be texted. */
async function countStopped(ctx: Ctx, accounts: readonly string[]): Promise<number> {
  const contacts = await contactsOf(ctx, [...new Set(accounts)])
  const stopped = await stoppedAmong(
    ctx.db,
    [...contacts.values()].flatMap(({ phone }) => phone ?? []),
  )
  return accounts.filter((account) => stopped.has(contacts.get(account)?.phone ?? '')).length
}

import { createHash } from 'node:crypto'
import { parsePhoneNumberFromString } from 'libphonenumber-js/min'
import type { Context } from '#platform/context.ts'
import { newId } from '#platform/ids.ts'
import { transact } from '#platform/transaction.ts'
import { findAccountsByPhone } from '../../identity/contract.ts'
import { contactsOf, reach } from '../contacts.ts'
import { noteHelp, noteWish } from '../queries/phones.ts'
import type { Message } from '../queries.ts'
import { phrase } from '../render.ts'
import { handOver } from '../sending/hand-over.ts'
import type { NotificationsTables } from '../tables.ts'
import { tell } from '../tell.ts'
import { carriersOf } from './carriers.ts'
import { type Keyword, keywordIn, languageOfWord } from './keywords.ts'
import { whyNotTo } from './permitted.ts'
import type { Inbound } from './text-message.ts'

type Ctx = Context<NotificationsTables>
type Text = Inbound & { provider: string }

/** What comes from no number is nobody's. */
export async function hearText(ctx: Ctx, text: Text): Promise<void> {
  const phone = parsePhoneNumberFromString(text.from, { extract: false })
  if (phone?.isPossible()) await answerText(ctx, { ...text, from: phone.number })
}

/**
 * STOP is the phone's: nobody can tell who of a family wrote it, so no text about care goes to that number any more, whosever it is, and each account that
 * names it is told so. START opens what STOP has closed, and nothing else.
 */
async function answerText(ctx: Ctx, { provider, reference, from, text, at }: Text): Promise<void> {
  const keyword = keywordIn(text)
  if (keyword === undefined) return
  const messages = keyword === 'help' ? [] : await noticesFor(ctx, keyword, from)
  const once = { scope: `text:${provider}`, key: keyOf(reference) }
  const isNews = await transact({ ...ctx, once }, async (ctx) => {
    const now = ctx.now()
    if (keyword === 'help') return noteHelp(ctx.db, from, now.toISOString().slice(0, 10))
    // A clock that is fast must not let what it says today overrule what is said tomorrow.
    const said = at && at < now ? at : now
    const changed = await noteWish(ctx.db, from, { stopped: keyword === 'stop', at: said })
    if (changed) await tell(ctx, messages)
    return changed
  })
  if (isNews)
    await reply(ctx, keyword, from, messages[0]?.language ?? languageOfWord(text) ?? ctx.config.DEFAULT_LANGUAGE)
}

/** Bounded, and without what a provider may have put into its references. */
const keyOf = (reference: string) => createHash('sha256').update(reference).digest('base64url')

/** In the app, so that whoever did not write it sees it and can speak with the others. */
async function noticesFor(ctx: Ctx, keyword: 'stop' | 'start', phone: string): Promise<Message[]> {
  const { accounts } = await ctx.call(findAccountsByPhone, { body: { phone } })
  const contacts = await contactsOf(ctx, accounts)
  const template = keyword === 'stop' ? ('texts-stopped.person' as const) : ('texts-started.person' as const)
  return accounts.map((account) => ({
    ...{ account, template, params: {}, resource: `Account/${account}` },
    ...reach(ctx, contacts.get(account)),
    channels: [],
    reachable: [],
    part: 'patient' as const,
    subject: null,
    power: null,
  }))
}

/** Tried once: whoever did not get it sees that nothing comes any more. */
async function reply(ctx: Ctx, keyword: Keyword, to: string, language: string): Promise<void> {
  if ((await whyNotTo(ctx, to)) !== undefined) return
  const text = phrase(`answer.${keyword}`, language, { url: ctx.config.PUBLIC_URL })
  await handOver(ctx, carriersOf(ctx), { id: newId(), channel: 'sms', to, text })
}

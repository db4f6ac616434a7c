import type { Context } from '#platform/context.ts'
import { gathered } from '#platform/gathered.ts'
import { readIn } from '#platform/language.ts'
import type { OutputOf } from '#platform/operation.ts'
import { readContacts, readReach } from '../identity/contract.ts'
import type { Channel } from './channels.ts'
import { isPushOffered } from './push/hosts.ts'
import { pushedAmong } from './queries/push.ts'
import type { Message } from './queries.ts'
import type { NotificationsTables } from './tables.ts'

/** With whether a browser of theirs is told. */
export type Contact = OutputOf<typeof readContacts>['items'][number] & { push?: boolean }

/**
 * Where and how to write to people, by account, each in the language of their own account if there are words in it. Closed accounts are missing: they
 * keep what they were told, and get no mail.
 */
export async function contactsOf(ctx: Context<NotificationsTables>, accounts: string[]): Promise<Map<string, Contact>> {
  if (accounts.length === 0) return new Map()
  const { items } = await ctx.call(readContacts, { body: { accounts } })
  const language = (tag: string) => readIn(tag, ctx.config.DEFAULT_LANGUAGE)
  const pushed = await pushedOf(ctx, accounts)
  return new Map(
    items.map((contact) => [
      contact.account,
      { ...contact, language: language(contact.language), push: pushed.has(contact.account) },
    ]),
  )
}

/** The same of one account, asked together with others that are wanted at the time. */
export const contactOf = gathered(async (ctx: Context<NotificationsTables>, accounts: readonly string[]) => {
  const contacts = await contactsOf(ctx, [...new Set(accounts)])
  return accounts.map((account) => contacts.get(account))
})

/** By which ways people can be reached, without their addresses. */
export type Ways = OutputOf<typeof readReach>['items'][number] & { push?: boolean }

/** As many as one call may name. */
export const MOST_ASKED = 500

export async function waysOf(ctx: Context<NotificationsTables>, accounts: string[]): Promise<Map<string, Ways>> {
  if (accounts.length === 0) return new Map()
  const { items } = await ctx.call(readReach, { body: { accounts } })
  const language = (tag: string) => readIn(tag, ctx.config.DEFAULT_LANGUAGE)
  const pushed = await pushedOf(ctx, accounts)
  return new Map(
    items.map((ways) => [ways.account, { ...ways, language: language(ways.language), push: pushed.has(ways.account) }]),
  )
}

const pushedOf = async ({ config, db }: Context<NotificationsTables>, accounts: string[]) =>
  isPushOffered(config) ? pushedAmong(db, accounts) : new Set<string>()

export const reach = (
  { config }: Pick<Context, 'config'>,
  contact: Ways | Contact | undefined,
): Pick<Message, 'language' | 'channels' | 'reachable'> => ({
  language: contact?.language ?? config.DEFAULT_LANGUAGE,
  channels: contact ? channelsOf(contact) : [],
  reachable: contact ? addressesOf(contact) : [],
})

/** By mail, and in a browser that asked for it; by text who has no mailbox that reaches them: a text costs money, and is read by who is near. */
const channelsOf = ({ email, phone, proved, push }: Ways | Contact): Channel[] => [
  ...(email === undefined ? [] : (['email'] as const)),
  ...(phone === undefined || (email !== undefined && proved.includes('email')) ? [] : (['sms'] as const)),
  ...(push ? (['push'] as const) : []),
]

const addressesOf = ({ email, phone, push }: Ways | Contact): Channel[] => [
  ...(email === undefined ? [] : (['email'] as const)),
  ...(phone === undefined ? [] : (['sms'] as const)),
  ...(push ? (['push'] as const) : []),
]

import type { Config } from '#platform/config.ts'
import type { Context } from '#platform/context.ts'
import { gathered } from '#platform/gathered.ts'
import { readDemonstration } from './queries.ts'
import type { NotificationsTables } from './tables.ts'

/** `OpenHCS <no-reply@openhcs.invalid>` in its parts. */
export function senderOf({ MAIL_FROM }: Config): { name: string; email: string } {
  const [, name = '', email = MAIL_FROM] = /^\s*"?([^"<]*?)"?\s*<([^<>]+)>\s*$/.exec(MAIL_FROM) ?? []
  return { name: name || 'OpenHCS', email: email.trim() }
}

/** Names that belong to nobody, RFC 2606 and RFC 6761. */
const RESERVED = /(^|\.)(test|example|invalid|localhost|example\.(com|net|org))$/i

/** One mailbox, and nothing that a mail server could read as two, or as a command. */
const MAILBOX = /^[^\s@,;:<>()[\]\\"]{1,64}@([\p{L}\p{N}](?:[\p{L}\p{N}.-]{0,252}[\p{L}\p{N}])?)$/u

type Ctx = Context<NotificationsTables>

/** Asked once for all who want to know it at a time. */
const readTogether = gathered(async ({ db }: Ctx, asked: readonly undefined[]) => {
  const is = await readDemonstration(db)
  return asked.map(() => is)
})

export const isDemonstration = (ctx: Ctx): Promise<boolean> => readTogether(ctx, undefined)

/** People of a demonstration are invented, but an address that somebody typed into it may be real: it writes to reserved domains only. */
export function mayReceive(address: string, demonstration: boolean): boolean {
  const [, domain] = MAILBOX.exec(address) ?? []
  return domain !== undefined && (!demonstration || RESERVED.test(domain))
}

import { parsePhoneNumberFromString } from 'libphonenumber-js/min'
import type { Static } from 'typebox'
import { list } from '#platform/config.ts'
import type { Context } from '#platform/context.ts'
import { newId } from '#platform/ids.ts'
import { hostOf, mayReceive } from './addresses.ts'
import type { sendCode as contract } from './contract.ts'
import { postOfficesOf } from './open-things.ts'
import { isDemonstration } from './queries.ts'
import { wordsFor } from './render.ts'
import { type Attempt, handOver } from './sending/hand-over.ts'
import { Undelivered } from './sending/provider.ts'
import { gatewayOf } from './sms-gateway.ts'
import type { NotificationsTables } from './tables.ts'

type Ctx = Context<NotificationsTables>
type Order = Static<typeof contract.body>

/** Sends a code at once and writes nothing down: it is in no queue, no table and no log. */
export async function sendCode(ctx: Ctx, order: Order): Promise<Static<typeof contract.response>> {
  try {
    const reason = await (order.channel === 'email' ? mail(ctx, order) : phone(ctx, order, order.channel))
    return reason === undefined ? { sent: true } : { sent: false, reason }
  } catch (error) {
    if (!(error instanceof Undelivered)) throw error
    return { sent: false, reason: error.code }
  }
}

const wordsOf = ({ config }: Ctx, { code, minutes, language }: Order) =>
  wordsFor(language)['one-time-code']({ code, minutes, site: hostOf(config) })

async function mail(ctx: Ctx, order: Order): Promise<string | undefined> {
  const offices = postOfficesOf(ctx)
  if (offices.length === 0) return 'not-configured'
  if (!mayReceive(order.to, await isDemonstration(ctx.db))) return 'address-not-permitted'
  const { config } = ctx
  const { title, text } = wordsOf(ctx, order)
  const footer = wordsFor(order.language)['mail-footer']({ url: config.PUBLIC_URL })
  const { attempts } = await handOver(ctx, offices, {
    from: config.MAIL_FROM,
    to: { name: '', address: order.to },
    subject: title,
    text: `${text}\n\n-- \n${footer}\n`,
    messageId: `<${newId()}@${hostOf(config)}>`,
    date: ctx.now(),
  })
  return faultIn(attempts)
}

/** Why nobody took it, if nobody did. */
function faultIn(attempts: readonly Attempt[]): string | undefined {
  const last = attempts.at(-1)
  return last?.outcome === 'taken' ? undefined : (last?.code ?? 'provider-away')
}

/** +1 … 555-01xx: numbers that belong to nobody. */
const FICTIONAL = /^\+1\d{3}55501\d\d$/

async function phone(ctx: Ctx, order: Order, channel: 'sms' | 'voice'): Promise<string | undefined> {
  const send = gatewayOf(ctx.config)
  if (!send) return 'not-configured'
  const countries = list(ctx.config.SMS_COUNTRIES)
  const country = parsePhoneNumberFromString(order.to)?.country ?? ''
  if (countries.length > 0 && !countries.includes(country)) return 'country-not-permitted'
  if ((await isDemonstration(ctx.db)) && !FICTIONAL.test(order.to)) return 'number-not-permitted'
  const { text, spoken } = wordsOf(ctx, order)
  // The last line lets a phone fill the code in on our own page, and on no other (WICG, origin-bound one-time codes).
  const written = `${text}\n\n@${hostOf(ctx.config)} #${order.code}`
  await send({ channel, to: order.to, text: channel === 'voice' ? spoken : written })
  return undefined
}

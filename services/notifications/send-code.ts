import type { Static } from 'typebox'
import { hostOf } from '#platform/config.ts'
import type { Context } from '#platform/context.ts'
import { newId } from '#platform/ids.ts'
import { readIn } from '#platform/language.ts'
import { isolated } from '#platform/message-format.ts'
import { isDemonstration, mayReceive } from './addresses.ts'
import type { sendCode as contract } from './contract.ts'
import { postOfficesOf } from './open-things.ts'
import { phrase } from './render.ts'
import { type Attempt, handOver } from './sending/hand-over.ts'
import { bodyOf } from './sending/mail-body.ts'
import { carriersOf } from './sms/carriers.ts'
import { whyNotTo } from './sms/permitted.ts'
import type { NotificationsTables } from './tables.ts'

type Ctx = Context<NotificationsTables>
type Order = Static<typeof contract.body>

/** Sends a code at once and writes nothing down: it is in no queue, no table and no log. */
export async function sendCode(ctx: Ctx, order: Order): Promise<Static<typeof contract.response>> {
  const reason = await (order.channel === 'email' ? mail(ctx, order) : phone(ctx, order, order.channel))
  return reason === undefined ? { sent: true } : { sent: false, reason }
}

function wordsOf({ config }: Ctx, { code, minutes, ...order }: Order) {
  const language = readIn(order.language, config.DEFAULT_LANGUAGE)
  // One figure at a time, for a voice.
  const values = { code, minutes, digits: [...code].join(', '), site: isolated(hostOf(config), language) }
  const say = (what: 'title' | 'text' | 'spoken') => phrase(`code.${what}`, language, values)
  return { language, title: say('title'), text: say('text'), spoken: say('spoken') }
}

async function mail(ctx: Ctx, order: Order): Promise<string | undefined> {
  const offices = postOfficesOf(ctx)
  if (offices.length === 0) return 'not-configured'
  if (!mayReceive(order.to, await isDemonstration(ctx))) return 'address-not-permitted'
  const { config } = ctx
  const { title, text, language } = wordsOf(ctx, order)
  const { attempts } = await handOver(ctx, offices, {
    from: config.MAIL_FROM,
    to: { name: '', address: order.to },
    subject: title,
    ...bodyOf(text, language, config.PUBLIC_URL),
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

async function phone(ctx: Ctx, order: Order, channel: 'sms' | 'voice'): Promise<string | undefined> {
  const carriers = carriersOf(ctx).filter(({ channels }) => channels.includes(channel))
  if (carriers.length === 0) return 'not-configured'
  const refusal = await whyNotTo(ctx, order.to)
  if (refusal !== undefined) return refusal
  const { text, spoken } = wordsOf(ctx, order)
  // The last line lets a phone fill the code in on our own page, and on no other (WICG, origin-bound one-time codes).
  const written = `${text}\n\n@${hostOf(ctx.config)} #${order.code}`
  const message = { id: newId(), channel, to: order.to, text: channel === 'voice' ? spoken : written }
  return faultIn((await handOver(ctx, carriers, message)).attempts)
}

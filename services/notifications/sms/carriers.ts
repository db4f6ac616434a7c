import type { Config } from '#platform/config.ts'
import type { Context } from '#platform/context.ts'
import { lineTo } from '../open-things.ts'
import type { NotificationsTables } from '../tables.ts'
import { africasTalking } from './africas-talking.ts'
import { gateway } from './gateway.ts'
import { providersIn, type SmppProvider } from './providers.ts'
import type { CallingCarrier, Carrier } from './text-message.ts'

type Ctx = Context<NotificationsTables>

/** In the order in which they are asked. */
export const carriersOf = (ctx: Ctx): readonly Carrier[] => [
  ...ownGateway(ctx.config),
  ...providersIn(ctx.config).map((one) => ('smpp' in one ? bySmpp(ctx, one.smpp) : africasTalking(one.url))),
]

/** Those that come to us over HTTP. */
export const callingCarriersOf = (config: Config): readonly CallingCarrier[] => [
  ...ownGateway(config),
  ...providersIn(config).flatMap((one) => ('smpp' in one ? [] : [africasTalking(one.url)])),
]

const ownGateway = ({ SMS_GATEWAY_URL, smsGatewayToken }: Config): CallingCarrier[] =>
  SMS_GATEWAY_URL ? [gateway(SMS_GATEWAY_URL, smsGatewayToken?.reveal())] : []

const bySmpp = (ctx: Ctx, provider: SmppProvider): Carrier => ({
  name: provider.name,
  channels: ['sms'],
  send: async (message) => (await lineTo(ctx, provider)).send(message),
})

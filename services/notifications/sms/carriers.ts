import type { Config } from '#platform/config.ts'
import { africasTalking } from './africas-talking.ts'
import { gateway } from './gateway.ts'
import type { Carrier } from './text-message.ts'

/** In the order in which they are asked. */
export function carriersOf({ SMS_GATEWAY_URL, smsGatewayToken, smsProviders }: Config): readonly Carrier[] {
  return [
    ...(SMS_GATEWAY_URL ? [gateway(SMS_GATEWAY_URL, smsGatewayToken?.reveal())] : []),
    ...smsProviders.map((url) => africasTalking(new URL(url.reveal()))),
  ]
}

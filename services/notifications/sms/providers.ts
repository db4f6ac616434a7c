import type { Config } from '#platform/config.ts'
import { isSmpp, type SmppSettings, smppSettings } from '#platform/text-providers.ts'

export interface SmppProvider {
  /** As attempts call it, by its place among those that speak SMPP. */
  name: string
  settings: SmppSettings
}

type Provider = { url: URL } | { smpp: SmppProvider }

/** Those of SMS_PROVIDERS, in the order in which they are asked. */
export function providersIn({ smsProviders }: Pick<Config, 'smsProviders'>): Provider[] {
  let lines = 0
  return smsProviders.map((secret): Provider => {
    const url = new URL(secret.reveal())
    return isSmpp(url) ? { smpp: { name: `smpp-${++lines}`, settings: smppSettings(url) } } : { url }
  })
}

import { type Config, list } from '#platform/config.ts'
import { isPermitted, permittedBy } from '#platform/public-addresses.ts'

type Settings = Pick<Config, 'VAPID_SUBJECT' | 'PUSH_HOSTS' | 'WEBHOOK_PRIVATE_HOSTS'>

/** Whether browsers are told here at all. */
export const isPushOffered = ({ VAPID_SUBJECT }: Pick<Config, 'VAPID_SUBJECT'>): boolean => VAPID_SUBJECT !== ''

/** Of a push service that is named, since an address of any other would have us send to wherever somebody likes; and not in the open but in one's own network. */
export function isPushService({ PUSH_HOSTS, WEBHOOK_PRIVATE_HOSTS }: Settings, endpoint: string): boolean {
  const url = URL.parse(endpoint)
  if (url?.username !== '' || url.password !== '') return false
  const host = url.hostname.toLowerCase()
  const named = list(PUSH_HOSTS.toLowerCase()).some((one) =>
    one.startsWith('*.') ? host.endsWith(one.slice(1)) : host === one,
  )
  return named && (url.protocol === 'https:' || isPermitted(host, host, permittedBy(WEBHOOK_PRIVATE_HOSTS)))
}

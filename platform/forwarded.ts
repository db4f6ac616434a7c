import type { IncomingHttpHeaders } from 'node:http'
import { signCall, verifyCall } from './auth.ts'
import { list } from './config.ts'
import type { House } from './house.ts'

// The headers of a request that one process of the house sends on to another, and those of the answer to it.

/** On a request that was sent on once. Its presence is enough to send it no further; only its signature makes it believed. */
export const MARK = 'x-openhcs-forwarded'

const marked = (operation: string) => `forward ${operation}`

/** Whether another process of the house sent this on, and not somebody who says so. */
export function isForwarded({ config, now }: House, headers: IncomingHttpHeaders, operation: string): boolean {
  const mark = headers[MARK]
  return typeof mark === 'string' && verifyCall(config.secretKey.reveal(), marked(operation), mark, now())
}

/** What is between two neighbours and goes no further (RFC 9110 §7.6.1); `expect` has been answered here. */
const HOPS = new Set([
  'connection',
  'expect',
  'host',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])
/** What proxies say of a client, and processes of the house to each other: a client may say it, too, and is not believed. */
const TOLD = /^(forwarded|traceparent|tracestate|x-real-ip|x-request-id|x-(forwarded|openhcs)-.*)$/

/** What this process knows itself, by its own rules of trust. */
interface Known {
  ip: string
  protocol: string
  host: string
  id: string
  traceparent: string | undefined
  hasBody: boolean
}

export function headersOnward({ config, now }: House, operation: string, from: IncomingHttpHeaders, known: Known) {
  const left = endToEnd(from, (name) => TOLD.test(name) || (name === 'content-length' && !known.hasBody))
  return {
    ...left,
    [MARK]: signCall(config.secretKey.reveal(), marked(operation), now()),
    'x-forwarded-for': known.ip,
    'x-forwarded-proto': known.protocol,
    'x-forwarded-host': known.host,
    'x-request-id': known.id,
    ...(known.traceparent && { traceparent: known.traceparent }),
  }
}

export const headersBack = (from: IncomingHttpHeaders) => endToEnd(from, () => false)

function endToEnd(headers: IncomingHttpHeaders, without: (name: string) => boolean): Record<string, string | string[]> {
  const named = list(String(headers.connection ?? '').toLowerCase())
  const kept: Record<string, string | string[]> = {}
  for (const [name, value] of Object.entries(headers))
    if (value !== undefined && !HOPS.has(name) && !named.includes(name) && !without(name)) kept[name] = value
  return kept
}

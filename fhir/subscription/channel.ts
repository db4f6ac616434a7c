import { isIP } from 'node:net'
import { Problem } from '#platform/errors.ts'
import { isPermitted, mayReach, type Permitted } from '#platform/public-addresses.ts'
import type { Subscription } from './subscription.ts'

export const PAYLOAD = 'application/fhir+json'
/** With the type and the id of a resource behind it, it is still an address that is called (services/notifications/contract/webhooks.ts). */
const LONGEST_ENDPOINT = 400
const MOST_HEADERS = 10
const LONGEST_HEADER = 1_000
/** RFC 9110 §5.1 and §5.5. */
const HEADER = /^([!#$%&'*+.^_`|~\w-]{1,100}):[ \t]*([\x20-\x7e\x80-\xff]*)$/
/** What is about the connection, or ours to say. */
const OURS =
  /^(connection|content-.*|date|expect|forwarded|host|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade|user-agent|via|x-forwarded-.*)$/i

/** Throws Problem `business-rule` where nobody could be told in this way (hl7.org/fhir/R4/subscription.html#channels). */
export function checkChannel({ type, endpoint, payload, header = [] }: Subscription['channel'], permitted: Permitted) {
  if (type === 'websocket') {
    if (endpoint ?? payload ?? header[0]) throw refused('', 'must be the type alone: who is told opens the websocket')
    return
  }
  if (type !== 'rest-hook') throw refused('type', 'must be rest-hook or websocket')
  if (!isReachable(endpoint, permitted))
    throw refused('endpoint', `must be a public address of https, of ${LONGEST_ENDPOINT} characters at most`)
  if (payload !== undefined && payload !== PAYLOAD) throw refused('payload', `must be ${PAYLOAD}, or left out`)
  if (header.length > MOST_HEADERS) throw refused('header', `must be ${MOST_HEADERS} at most`)
  for (const [i, line] of header.entries())
    if (line.length > LONGEST_HEADER || headerOf(line) === undefined)
      throw refused(`header/${i}`, 'must be a header of a request, such as Authorization: Bearer …')
}

/** A name and what it says, of a header that may be sent along. */
export function headerOf(line: string): [name: string, value: string] | undefined {
  const [, name = '', value = ''] = HEADER.exec(line) ?? []
  return name === '' || OURS.test(name) ? undefined : [name.toLowerCase(), value.trim()]
}

/** Names are looked up when they are connected to, and not before (platform/guarded-fetch.ts). */
function isReachable(endpoint: string | undefined, permitted: Permitted): boolean {
  const url = URL.parse(endpoint ?? '')
  if (!url || url.href.length > LONGEST_ENDPOINT) return false
  if (url.username !== '' || url.password !== '') return false
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const isOwn = isPermitted(host, host, permitted)
  if (url.protocol === 'http:') return isOwn
  return url.protocol === 'https:' && (isOwn || isIP(host) === 0 || mayReach(host, host, permitted))
}

const refused = (member: string, detail: string) =>
  new Problem('business-rule', 'Nobody could be told through this channel; see the issues.', {
    errors: [{ pointer: `/body/channel${member && `/${member}`}`, detail }],
  })

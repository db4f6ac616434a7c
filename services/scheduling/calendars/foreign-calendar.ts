import { FetchFailure, type GuardedAnswer, type GuardedRequest, guardedFetch } from '#platform/guarded-fetch.ts'
import { isPermitted } from '#platform/public-addresses.ts'
import { childOf, childrenOf, type Element, parseXml } from '#platform/xml.ts'
import type { calendarErrors } from '../contract/calendars.ts'

// How a calendar elsewhere is asked: for a file, or for what of a collection lies in a window. What was read before is not read again while its server says
// that nothing has changed.

export type CalendarError = (typeof calendarErrors)[number]

export class Unreadable extends Error {
  readonly code: CalendarError
  constructor(code: CalendarError) {
    super(code)
    this.code = code
  }
}

/** What is sealed of it. */
export interface Access {
  address: string
  user?: string | undefined
  password?: string | undefined
}

export interface Asked {
  kind: 'ics' | 'caldav'
  access: Access
  /** By which its server tells that nothing has changed; null: read all of it. */
  mark: string | null
  from: Date
  until: Date
  permitted: GuardedRequest['permitted']
}

/** `undefined`: as it was. */
export type Answered = { texts: string[]; mark: string | null } | undefined

const MAX_BYTES = 5 * 2 ** 20
const TIMEOUT_MS = 20_000
/** Of an answer of a collection with some thousand entries. */
const XML = { depth: 20, elements: 100_000 }

const DAV = 'DAV:'
const CALDAV = 'urn:ietf:params:xml:ns:caldav'
const SERVER = 'http://calendarserver.org/ns/'

export async function askCalendar(asked: Asked): Promise<Answered> {
  try {
    return await (asked.kind === 'ics' ? askFile(asked) : askCollection(asked))
  } catch (error) {
    if (error instanceof FetchFailure) throw new Unreadable(error.code)
    throw error
  }
}

async function askFile(asked: Asked): Promise<Answered> {
  const answer = await ask(asked, { headers: { accept: 'text/calendar', ...conditionOf(asked.mark) } })
  if (answer.status === 304 && asked.mark !== null) return undefined
  checkStatus(answer, 200)
  return { texts: [answer.body.toString('utf8')], mark: markOf(answer) }
}

/** `etag "x"` or `date Sat, 1 Mar …`. */
function markOf({ headers }: GuardedAnswer): string | null {
  const [etag, date] = [headers.get('etag'), headers.get('last-modified')]
  return etag ? `etag ${etag}` : date ? `date ${date}` : null
}

function conditionOf(mark: string | null): Record<string, string> {
  if (mark?.startsWith('etag ')) return { 'if-none-match': mark.slice(5) }
  return mark?.startsWith('date ') ? { 'if-modified-since': mark.slice(5) } : {}
}

const PROPFIND = `<?xml version="1.0" encoding="utf-8"?>
<propfind xmlns="${DAV}" xmlns:S="${SERVER}"><prop><resourcetype/><sync-token/><S:getctag/></prop></propfind>`

async function askCollection(asked: Asked): Promise<Answered> {
  const answer = await ask(asked, { method: 'PROPFIND', headers: { depth: '0', ...XML_TYPE }, body: PROPFIND })
  const [found] = await propertiesIn(answer)
  if (!childOf(childOf(found, DAV, 'resourcetype'), CALDAV, 'calendar')) throw new Unreadable('not-a-calendar')
  const tag = (childOf(found, SERVER, 'getctag') ?? childOf(found, DAV, 'sync-token'))?.text.trim()
  const mark = tag ? `tag ${tag}` : null
  if (mark !== null && mark === asked.mark) return undefined
  const entries = await propertiesIn(
    await ask(asked, { method: 'REPORT', headers: { depth: '1', ...XML_TYPE }, body: queryFor(asked) }),
  )
  const texts = entries.flatMap((entry) => childOf(entry, CALDAV, 'calendar-data')?.text ?? [])
  return { texts, mark }
}

const XML_TYPE = { 'content-type': 'application/xml; charset=utf-8' }
const utc = (at: Date) => at.toISOString().replace(/[-:]|\.\d+/g, '')

/** RFC 4791 §7.8: whole entries with their rules, which are expanded here. */
const queryFor = ({ from, until }: Asked) => `<?xml version="1.0" encoding="utf-8"?>
<C:calendar-query xmlns="${DAV}" xmlns:C="${CALDAV}"><prop><C:calendar-data/></prop><C:filter><C:comp-filter name="VCALENDAR">
<C:comp-filter name="VEVENT"><C:time-range start="${utc(from)}" end="${utc(until)}"/></C:comp-filter></C:comp-filter></C:filter></C:calendar-query>`

/** What was found of each resource. */
async function propertiesIn(answer: GuardedAnswer): Promise<Element[]> {
  checkStatus(answer, 207)
  return statusesIn(answer.body.toString('utf8')).flatMap((response) =>
    childrenOf(response, DAV, 'propstat')
      .filter((one) => / 200( |$)/.test(childOf(one, DAV, 'status')?.text ?? ''))
      .flatMap((one) => childOf(one, DAV, 'prop') ?? []),
  )
}

function statusesIn(body: string): Element[] {
  try {
    return childrenOf(parseXml(body, XML), DAV, 'response')
  } catch {
    throw new Unreadable('not-a-calendar')
  }
}

type Request = Pick<GuardedRequest, 'method' | 'headers' | 'body'>

function ask({ access, permitted }: Asked, request: Request): Promise<GuardedAnswer> {
  const url = new URL(access.address.replace(/^webcals?:/i, 'https:'))
  checkSecrecy(url, access, permitted)
  const headers = { ...request.headers, ...authorization(access) }
  return guardedFetch(url, { ...request, headers, permitted, maxBytes: MAX_BYTES, timeoutMs: TIMEOUT_MS })
}

/** A password goes over the open network encrypted, or not at all. */
function checkSecrecy({ protocol, hostname }: URL, { password }: Access, permitted: GuardedRequest['permitted']): void {
  if (password !== undefined && protocol !== 'https:' && !isPermitted(hostname, hostname, permitted))
    throw new Unreadable('address-refused')
}

const authorization = ({ user = '', password }: Access): Record<string, string> =>
  password === undefined
    ? {}
    : { authorization: `Basic ${Buffer.from(`${user}:${password}`, 'utf8').toString('base64')}` }

function checkStatus({ status }: GuardedAnswer, wanted: number): void {
  if (status === wanted) return
  if (status === 401 || status === 403) throw new Unreadable('unauthorised')
  if (status === 404 || status === 410) throw new Unreadable('not-there')
  throw new Unreadable(status === 429 || status >= 500 ? 'server-error' : 'not-a-calendar')
}

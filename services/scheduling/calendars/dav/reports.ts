import { childOf, childrenOf, type Element } from '#platform/xml.ts'
import type { Entry } from '../entries.ts'
import type { Told } from '../tell-feed.ts'
import { CALDAV, caldav, DAV, DavError, dav, multistatus, notThere } from './multistatus.ts'
import { describe, pathOf, type Resource, resourceAt, type Wanted } from './resources.ts'

// REPORT on the calendar: what lies in a time (RFC 4791 §7.8), these (§7.9), and what is other than it was (RFC 6578).

interface Asking {
  body: Element
  told: Told
  token(number: number): string
}

export function report(asking: Asking): string {
  const { namespace, name } = asking.body
  if (namespace === CALDAV && name === 'calendar-query') return query(asking)
  if (namespace === CALDAV && name === 'calendar-multiget') return multiget(asking)
  if (namespace === DAV && name === 'sync-collection') return synchronise(asking)
  throw new DavError(403, dav('supported-report'))
}

export function wantedIn(body: Element): Wanted {
  if (childOf(body, DAV, 'propname')) return 'names'
  const prop = childOf(body, DAV, 'prop')
  return prop ? prop.children.map(({ namespace, name }) => ({ namespace, name })) : 'all'
}

const objectOf = (id: string): Resource => ({ kind: 'object', path: pathOf(id), id })

function shown({ body, told, token }: Asking, ids: readonly string[]): string[] {
  const wanted = wantedIn(body)
  return ids.flatMap((id) => describe(objectOf(id), wanted, told, token) ?? notThere(pathOf(id)))
}

function query(asking: Asking): string {
  const fits = filterIn(asking.body)
  return multistatus(
    ...shown(
      asking,
      asking.told.entries.filter(fits).map(({ id }) => id),
    ),
  )
}

/** By the kind of component and by time: what calendar programs ask. Filters by texts of entries are refused, and never taken for none. */
function filterIn(body: Element): (entry: Entry) => boolean {
  const calendar = childOf(childOf(body, CALDAV, 'filter'), CALDAV, 'comp-filter')
  if (calendar?.attributes.name !== 'VCALENDAR') throw new DavError(400, caldav('valid-filter'))
  const inside = childrenOf(calendar, CALDAV, 'comp-filter')
  if (calendar.children.length > inside.length || inside.length > 1) throw unsupported()
  const [component] = inside
  if (!component) return () => true
  const range = childOf(component, CALDAV, 'time-range')
  if (component.children.length > (range ? 1 : 0)) throw unsupported()
  if (component.attributes.name !== 'VEVENT') return () => false
  if (!range) return () => true
  const [from, until] = [
    instantIn(range.attributes.start, Number.NEGATIVE_INFINITY),
    instantIn(range.attributes.end, Number.POSITIVE_INFINITY),
  ]
  return ({ start, end }) => start.getTime() < until && end.getTime() > from
}

const unsupported = () => new DavError(403, caldav('supported-filter'))

function instantIn(text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise
  const [, year, month, day, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text) ?? []
  const at = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
  if (Number.isNaN(at)) throw new DavError(400, caldav('valid-filter'))
  return at
}

function multiget(asking: Asking): string {
  const hrefs = childrenOf(asking.body, DAV, 'href').map(({ text }) => text.trim())
  return multistatus(
    ...hrefs.flatMap((href) => {
      const resource = resourceAt(href)
      return resource?.kind === 'object' ? shown(asking, [resource.id]) : notThere(href)
    }),
  )
}

/** Since a token: what is new or other, and what is gone. A token that is too old, or not of this feed, has the program read everything. */
function synchronise(asking: Asking): string {
  const { body, told, token } = asking
  const given = childOf(body, DAV, 'sync-token')?.text.trim() ?? ''
  const since = given === '' ? undefined : numberIn(given, asking)
  const changed = told.told.filter(({ number, gone }) => (since === undefined ? !gone : number > since))
  const most = Number(childOf(childOf(body, DAV, 'limit'), DAV, 'nresults')?.text ?? Number.POSITIVE_INFINITY)
  if (changed.length > most) throw new DavError(403, dav('number-of-matches-within-limits'))
  const parts = shown(
    asking,
    changed.map((row) => row.appointment_id),
  )
  return multistatus(...parts, dav('sync-token', token(told.number)))
}

function numberIn(given: string, { told, token }: Asking): number {
  const number = Number(/\/(\d{1,15})$/.exec(given)?.[1])
  const { feed } = told
  if (Number.isNaN(number) || token(number) !== given || number < feed.oldest || number > told.number)
    throw new DavError(403, dav('valid-sync-token'))
  return number
}

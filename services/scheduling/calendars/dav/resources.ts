import { escapeXml } from '#platform/xml.ts'
import { calendarText, type Entry } from '../entries.ts'
import type { Told } from '../tell-feed.ts'
import { CALDAV, caldav, DAV, dav, element, found, href, type Name, SERVER } from './multistatus.ts'

// What there is to ask about: where one begins, oneself, one's calendars, the one calendar with its visits; and what is known of each.

export const ROOT = '/caldav/'
const PRINCIPAL = '/caldav/principal/'
const HOME = '/caldav/calendars/'
const CALENDAR = '/caldav/calendars/visits/'

export type Resource =
  | { kind: 'root' | 'principal' | 'home' | 'calendar'; path: string }
  | { kind: 'object'; path: string; id: string }

const fixed: Readonly<Record<string, Resource>> = {
  [ROOT]: { kind: 'root', path: ROOT },
  [PRINCIPAL]: { kind: 'principal', path: PRINCIPAL },
  [HOME]: { kind: 'home', path: HOME },
  [CALENDAR]: { kind: 'calendar', path: CALENDAR },
}
const OBJECT = /^\/caldav\/calendars\/visits\/([0-9a-f-]{36})\.ics$/

/** By its path, as an address or as a path alone; undefined: there never is anything. */
export function resourceAt(address: string): Resource | undefined {
  const path = URL.parse(address, 'http://here')?.pathname ?? ''
  const id = OBJECT.exec(path)?.[1]
  return id ? { kind: 'object', path, id } : fixed[path.endsWith('/') ? path : `${path}/`]
}

export const pathOf = (id: string): string => `${CALENDAR}${id}.ics`

/** What lies directly in it. */
export function membersOf({ kind }: Resource, told: Told | undefined): Resource[] {
  if (kind === 'root') return [fixed[PRINCIPAL], fixed[HOME]] as Resource[]
  if (kind === 'home') return [fixed[CALENDAR] as Resource]
  return kind === 'calendar' ? (told?.entries.map(({ id }) => ({ kind: 'object', path: pathOf(id), id })) ?? []) : []
}

/** Whether the answer depends on what the feed shows. */
export const needsFeed = ({ kind }: Resource, deep: boolean): boolean =>
  kind === 'calendar' || kind === 'object' || (kind === 'home' && deep)

export const etagOf = ({ etag }: Entry) => `"${etag}"`

/** Elements by name; one that costs something is made when it is asked for. */
type Known = Record<string, string | (() => string)>
const key = ({ namespace, name }: Name) => `${namespace} ${name}`
const DATA = key({ namespace: CALDAV, name: 'calendar-data' })
const named = (namespace: string, properties: Record<string, string>): Known =>
  Object.fromEntries(
    Object.entries(properties).map(([name, content]) => [
      key({ namespace, name }),
      element({ namespace, name }, content),
    ]),
  )

const READ = dav('privilege', dav('read')) + dav('privilege', dav('read-current-user-privilege-set'))
const everywhere = named(DAV, {
  'current-user-principal': href(PRINCIPAL),
  'current-user-privilege-set': READ,
  owner: href(PRINCIPAL),
})
const home = named(CALDAV, { 'calendar-home-set': href(HOME) })
const reports = ['calendar-query', 'calendar-multiget'].map((name) => caldav(name)).concat(dav('sync-collection'))
const supported = reports.map((one) => dav('supported-report', dav('report', one))).join('')

const collection = (displayname: string, more = '') =>
  named(DAV, { resourcetype: dav('collection') + more, displayname: escapeXml(displayname) })

const plain: Readonly<Record<'root' | 'principal' | 'home', Known>> = {
  root: { ...collection('OpenHCS'), ...home },
  principal: {
    ...named(DAV, { resourcetype: dav('principal'), displayname: 'OpenHCS', 'principal-URL': href(PRINCIPAL) }),
    ...home,
  },
  home: collection('Calendars'),
}

/** What is known of a resource, by name; undefined: it is not there. `calendar-data` is given where it is asked for by name. */
function knownOf(resource: Resource, told: Told | undefined, token: (number: number) => string): Known | undefined {
  if (resource.kind === 'object') {
    const entry = told?.byId.get(resource.id)
    return entry && { ...everywhere, ...objectOf(entry) }
  }
  if (resource.kind !== 'calendar') return { ...everywhere, ...plain[resource.kind] }
  return { ...everywhere, ...calendarOf(told, token) }
}

function calendarOf(told: Told | undefined, token: (number: number) => string): Known {
  const now = escapeXml(token(told?.number ?? 0))
  const component = '<C:comp name="VEVENT"/>'
  const data = '<C:calendar-data content-type="text/calendar" version="2.0"/>'
  return {
    ...collection('Appointments', caldav('calendar')),
    ...named(DAV, { 'sync-token': now, 'supported-report-set': supported, getcontenttype: 'text/calendar' }),
    ...named(CALDAV, { 'supported-calendar-component-set': component, 'supported-calendar-data': data }),
    ...named(SERVER, { getctag: now }),
  }
}

const objectOf = (entry: Entry): Known => ({
  ...named(DAV, {
    resourcetype: '',
    getetag: escapeXml(etagOf(entry)),
    getcontenttype: 'text/calendar; charset=utf-8; component=VEVENT',
    getlastmodified: entry.stamp.toUTCString(),
  }),
  [DATA]: () => caldav('calendar-data', escapeXml(calendarText([entry]))),
})

/** What is asked of resources: these properties, all, or only how they are called. */
export type Wanted = readonly Name[] | 'all' | 'names'

export function describe(
  resource: Resource,
  wanted: Wanted,
  told: Told | undefined,
  token: (number: number) => string,
): string | undefined {
  const known = knownOf(resource, told, token)
  if (!known) return undefined
  if (typeof wanted !== 'string')
    return found(
      resource.path,
      wanted.flatMap((name) => made(known[key(name)])),
      wanted.filter((name) => known[key(name)] === undefined),
    )
  const shown = Object.entries(known).filter(([name]) => name !== DATA)
  return found(
    resource.path,
    shown.flatMap(([name, xml]) => (wanted === 'all' ? made(xml) : nameAlone(name))),
    [],
  )
}

const made = (xml: Known[string] | undefined): string[] =>
  xml === undefined ? [] : [typeof xml === 'string' ? xml : xml()]

function nameAlone(known: string): string {
  const [namespace = '', name = ''] = known.split(' ')
  return element({ namespace, name })
}

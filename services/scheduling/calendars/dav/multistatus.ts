import { escapeXml } from '#platform/xml.ts'

// What WebDAV answers (RFC 4918 §13), as text.

export const DAV = 'DAV:'
export const CALDAV = 'urn:ietf:params:xml:ns:caldav'
export const SERVER = 'http://calendarserver.org/ns/'

/** In front of the names of these namespaces. */
const PREFIXES: Readonly<Record<string, string>> = { [DAV]: 'D', [CALDAV]: 'C', [SERVER]: 'S' }
const DECLARED = Object.entries(PREFIXES)
  .map(([namespace, prefix]) => ` xmlns:${prefix}="${namespace}"`)
  .join('')

export interface Name {
  namespace: string
  name: string
}

/** An element of any namespace; `content` is XML. */
export function element({ namespace, name }: Name, content = ''): string {
  const prefix = PREFIXES[namespace]
  const [tag, declared] = prefix ? [`${prefix}:${name}`, ''] : [name, ` xmlns="${escapeXml(namespace)}"`]
  return content === '' ? `<${tag}${declared}/>` : `<${tag}${declared}>${content}</${tag}>`
}

export const dav = (name: string, content = '') => element({ namespace: DAV, name }, content)
export const caldav = (name: string, content = '') => element({ namespace: CALDAV, name }, content)
export const href = (path: string) => dav('href', escapeXml(path))

const HEAD = '<?xml version="1.0" encoding="utf-8"?>\n'
const asRoot = (xml: string) => HEAD + xml.replace(/^<([\w:]+)/, `<$1${DECLARED}`)

export const multistatus = (...parts: string[]): string => asRoot(dav('multistatus', parts.join('\n') || '\n'))

const status = (text: string) => dav('status', `HTTP/1.1 ${text}`)

/** One resource: what was asked of it and is there, and what is not. */
export function found(path: string, there: readonly string[], missing: readonly Name[]): string {
  const stat = (props: readonly string[], text: string) =>
    props.length > 0 ? dav('propstat', dav('prop', props.join('')) + status(text)) : ''
  const none = missing.map((name) => element(name))
  const stats = stat(there, '200 OK') + stat(none, '404 Not Found')
  return dav('response', href(path) + (stats || dav('propstat', dav('prop') + status('200 OK'))))
}

export const notThere = (path: string): string => dav('response', href(path) + status('404 Not Found'))

/** Refuses with a condition that programs know (RFC 4918 §16). */
export class DavError extends Error {
  readonly status: number
  readonly body: string
  constructor(status: number, condition: string) {
    super(condition)
    this.status = status
    this.body = asRoot(dav('error', condition))
  }
}

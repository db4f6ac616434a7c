import { SaxesParser } from 'saxes'

// XML as WebDAV speaks it (RFC 4918 §8.2, §17): elements in namespaces, and no document type. Without one there are no entities beyond the five, so nothing
// is fetched and nothing grows; what is left to bound is depth and number.

export interface Element {
  namespace: string
  name: string
  attributes: Readonly<Record<string, string>>
  children: Element[]
  /** Its own, not that of its children. */
  text: string
}

export interface XmlLimits {
  depth: number
  elements: number
}

/** Throws on whatever is not well-formed, has a document type, or is too deep or too much. */
export function parseXml(text: string, limits: XmlLimits): Element {
  const parser = new SaxesParser({ xmlns: true })
  const open: Element[] = []
  let root: Element | undefined
  let count = 0
  parser.on('error', (error) => {
    throw error
  })
  parser.on('doctype', () => {
    throw new Error('a document type is not accepted')
  })
  parser.on('opentag', ({ uri, local, attributes }) => {
    if (open.length >= limits.depth || ++count > limits.elements) throw new Error('too deep or too many elements')
    const plain = Object.values(attributes).map(({ name, value }) => [name, value])
    const element = { namespace: uri, name: local, attributes: Object.fromEntries(plain), children: [], text: '' }
    open.at(-1)?.children.push(element)
    root ??= element
    open.push(element)
  })
  const add = (more: string) => {
    const element = open.at(-1)
    if (element) element.text += more
  }
  parser.on('text', add)
  parser.on('cdata', add)
  parser.on('closetag', () => open.pop())
  parser.write(text).close()
  if (!root) throw new Error('no element')
  return root
}

/** The children of that name. */
export const childrenOf = (element: Element, namespace: string, name: string): Element[] =>
  element.children.filter((one) => one.namespace === namespace && one.name === name)

export const childOf = (element: Element | undefined, namespace: string, name: string): Element | undefined =>
  element?.children.find((one) => one.namespace === namespace && one.name === name)

const SIGNS: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', '\r': '&#13;' }

/** For text and attributes. Signs that XML 1.0 has no way to write are left out. */
export const escapeXml = (text: string): string =>
  text
    .toWellFormed()
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '')
    .replace(/[&<>"\r]/g, (sign) => SIGNS[sign] as string)

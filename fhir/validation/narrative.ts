// hl7.org/fhir/R4/narrative.html#xhtml and its invariants txt-1 and txt-2.

const words = (list: string) => new Set(list.split(' '))

const elements = words(
  'a abbr acronym b big blockquote br caption cite code col colgroup dd dfn div dl dt em h1 h2 h3 h4 h5 h6 hr i img li ol p pre q samp small span strong sub sup table tbody td tfoot th thead tr tt ul var',
)
const attributes = words(
  'abbr accesskey align alt axis bgcolor border cellhalign cellpadding cellspacing cellvalign char charoff charset cite class colspan compact coords dir frame headers height href hreflang hspace id lang longdesc name nowrap rel rev rowspan rules scope shape span src start style summary tabindex title type valign value vspace width',
)
/** Where an address stands. It may have a scheme of these, or none. */
const addresses = words('href src cite longdesc')
const schemes = words('http https ftp mailto tel urn cid data')
const XHTML = 'http://www.w3.org/1999/xhtml'

/** Characters; a bound for what one text may cost. */
const LONGEST = 4 * 1024 * 1024
const DEEPEST = 100

const OPENING = /<([A-Za-z][A-Za-z0-9]{0,15})/y
const CLOSING = /<\/([A-Za-z][A-Za-z0-9]{0,15})\s*>/y
const ATTRIBUTE = /\s+([A-Za-z][A-Za-z:]{0,31})\s*=\s*(?:"([^"<]*)"|'([^'<]*)')/y
const END = /\s*(\/?)>/y
/** XML knows no &nbsp; nor other names of HTML. */
const LOOSE = /&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#x[0-9A-Fa-f]{1,6});)/
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it looks for.
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f]/

/** Well formed, one `div`, nothing that runs, and something to see. */
export function isNarrative(xhtml: string): boolean {
  const html = xhtml.trim()
  if (html.length > LONGEST || CONTROL.test(html) || !html.isWellFormed() || LOOSE.test(html)) return false
  const open: string[] = []
  let [at, says] = [0, false]
  while (at < html.length) {
    const tag = html[at] === '<' ? tagAt(html, at) : undefined
    if (!tag) return false
    if (!nest(open, tag)) return false
    if (at === 0 && (tag.name !== 'div' || tag.kind !== 'opening')) return false
    says ||= tag.name === 'img'
    // Nothing may come after what closed the first.
    if (open.length === 0) return tag.end === html.length && says
    const next = html.indexOf('<', tag.end)
    if (next < 0) return false
    says ||= /[^\s]/.test(html.slice(tag.end, next))
    at = next
  }
  return false
}

interface Tag {
  kind: 'opening' | 'closing' | 'both' | 'comment'
  name: string
  end: number
}

function nest(open: string[], { kind, name }: Tag): boolean {
  if (kind === 'closing') return open.pop() === name
  if (kind === 'opening') open.push(name)
  return open.length <= DEEPEST
}

function tagAt(html: string, at: number): Tag | undefined {
  if (html.startsWith('<!--', at)) {
    const end = html.indexOf('--', at + 4)
    return end > 0 && html[end + 2] === '>' ? { kind: 'comment', name: '', end: end + 3 } : undefined
  }
  CLOSING.lastIndex = at
  const closing = CLOSING.exec(html)
  if (closing) return { kind: 'closing', name: closing[1] ?? '', end: CLOSING.lastIndex }
  OPENING.lastIndex = at
  const name = OPENING.exec(html)?.[1]
  if (!name || !elements.has(name)) return undefined
  const end = attributesFrom(html, OPENING.lastIndex)
  if (end === undefined) return undefined
  END.lastIndex = end
  const [, slash] = END.exec(html) ?? []
  return slash === undefined ? undefined : { kind: slash ? 'both' : 'opening', name, end: END.lastIndex }
}

/** Where they end; none where one may not be, or is there twice. */
function attributesFrom(html: string, from: number): number | undefined {
  const seen = new Set<string>()
  let at = from
  for (;;) {
    ATTRIBUTE.lastIndex = at
    const [, name, inTwo, inOne] = ATTRIBUTE.exec(html) ?? []
    if (name === undefined) return at
    if (seen.has(name) || !permits(name, inTwo ?? inOne ?? '')) return undefined
    seen.add(name)
    at = ATTRIBUTE.lastIndex
  }
}

function permits(name: string, value: string): boolean {
  if (name === 'xmlns') return value === XHTML
  if (name === 'xml:lang' || name === 'xml:space') return true
  return attributes.has(name) && (!addresses.has(name) || isHarmless(value))
}

/** Entities decoded. What a browser would leave out, such as a line within `javascript`, makes no scheme that is permitted. */
function isHarmless(address: string): boolean {
  const start = address
    .slice(0, 2000)
    .replace(/&#(?:x([0-9A-Fa-f]{1,6})|(\d{1,7}));/g, (_, hexadecimal?: string, decimal?: string) =>
      character(hexadecimal ? Number.parseInt(hexadecimal, 16) : Number(decimal)),
    )
    .trim()
  const scheme = /^([^/?#:]*):/.exec(start)?.[1]
  if (scheme?.toLowerCase() === 'data') return /^data: ?image\/(?!svg)/i.test(start)
  return scheme === undefined || schemes.has(scheme.toLowerCase())
}

const character = (point: number) => (point <= 0x10ffff ? String.fromCodePoint(point) : '')

export interface Token {
  kind: 'name' | 'string' | 'number' | 'date' | 'sign' | 'end'
  text: string
}

/** Longer than any path that leads to one place. */
const MAX_LENGTH = 2_000

const BLANK = /[ \t\r\n]+/y
const NAME = /[A-Za-z_][A-Za-z0-9_]*/y
const NUMBER = /\d+(?:\.\d+)?/y
const DATE = /@[\dT:.+Z-]+/y
const SIGN = /!=|[.()[\]=]|\$this\b/y
const ESCAPES: Readonly<Record<string, string>> = {
  "'": "'",
  '"': '"',
  '`': '`',
  '\\': '\\',
  '/': '/',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
}

/** The words and signs of an expression (hl7.org/fhirpath/N1/#lexical-elements), the last of kind `end`; undefined where there is something else, or more than 2,000 characters. */
export function tokensOf(text: string): Token[] | undefined {
  if (text.length > MAX_LENGTH) return undefined
  const tokens: Token[] = []
  for (let at = 0; at < text.length; ) {
    const quote = text.charAt(at)
    if (quote === "'" || quote === '`') {
      const quoted = quotedAt(text, at)
      if (!quoted) return undefined
      tokens.push({ kind: quote === "'" ? 'string' : 'name', text: quoted.text })
      at = quoted.end
      continue
    }
    const found = plainAt(text, at)
    if (!found) return undefined
    if (found.token) tokens.push(found.token)
    at = found.end
  }
  return [...tokens, { kind: 'end', text: '' }]
}

function plainAt(text: string, at: number): { token?: Token; end: number } | undefined {
  const kinds = [
    ['name', NAME],
    ['number', NUMBER],
    ['date', DATE],
    ['sign', SIGN],
  ] as const
  const blank = matchAt(BLANK, text, at)
  if (blank !== undefined) return { end: at + blank.length }
  for (const [kind, pattern] of kinds) {
    const found = matchAt(pattern, text, at)
    if (found !== undefined) return { token: { kind, text: found }, end: at + found.length }
  }
  return undefined
}

function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at
  return pattern.exec(text)?.[0]
}

function quotedAt(text: string, start: number): { text: string; end: number } | undefined {
  const quote = text.charAt(start)
  let content = ''
  for (let at = start + 1; at < text.length; at++) {
    const one = text.charAt(at)
    if (one === quote) return { text: content, end: at + 1 }
    if (one !== '\\') {
      content += one
      continue
    }
    at++
    const escaped = text.charAt(at)
    const code = /^[0-9A-Fa-f]{4}$/.exec(escaped === 'u' ? text.slice(at + 1, at + 5) : '')
    if (code) {
      content += String.fromCharCode(Number.parseInt(code[0], 16))
      at += 4
    } else if (escaped !== '' && Object.hasOwn(ESCAPES, escaped)) content += ESCAPES[escaped]
    else return undefined
  }
  return undefined
}

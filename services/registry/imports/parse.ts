import { parse } from 'csv-parse/sync'
import { Problem } from '#platform/errors.ts'

export type Kind = 'patients' | 'practitioners'
export interface Line {
  line: number
  values: Record<string, string>
}

export const COLUMNS: Record<Kind, { needed: readonly string[]; other: readonly string[] }> = {
  patients: { needed: ['key', 'name', 'birthDate', 'gender', 'language', 'zone'], other: ['phone', 'email'] },
  practitioners: { needed: ['key', 'name', 'gender', 'languages', 'specialities'], other: ['about'] },
}
const MOST_LINES = 20_000
const LONGEST_LINE = 10_000

const refused = (detail: string) =>
  new Problem('business-rule', `The file cannot be imported: it ${detail}. Mend it, and send it again.`, {
    errors: [{ pointer: '/body', detail }],
  })

/** The bytes of a file as text. Another encoding would store wrong names, so it is refused, and never guessed. */
export function textOf(content: Buffer): string {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(content) // drops a byte order mark
  } catch {
    throw refused('is not UTF-8')
  }
  if (text.includes('\0')) throw refused('has a NUL in it, so it is no text')
  return text
}

/** Its lines, by the names in the first. */
export function linesOf(text: string, kind: Kind): Line[] {
  const [head, ...records] = recordsOf(text)
  if (!head) throw refused('is empty')
  const names = head.values.map((name) => name.trim())
  const { needed, other } = COLUMNS[kind]
  for (const name of needed) if (!names.includes(name)) throw refused(`has no column ${name}`)
  for (const [i, name] of names.entries()) {
    if (![...needed, ...other].includes(name)) throw refused(`has a column ${i + 1} that is not known here`)
    if (names.indexOf(name) !== i) throw refused(`has the column ${name} twice`)
  }
  if (records.length > MOST_LINES) throw refused(`has more than ${MOST_LINES} lines`)
  return records.map(({ line, values }) => ({
    line,
    values: Object.fromEntries(names.map((name, i) => [name, (values[i] ?? '').trim()])),
  }))
}

function recordsOf(text: string): { line: number; values: string[] }[] {
  try {
    const options = { info: true, skip_empty_lines: true, max_record_size: LONGEST_LINE } as const
    const found = parse(text, options) as unknown as { record: string[]; info: { lines: number } }[]
    return found.map(({ record, info }) => ({ line: info.lines, values: record }))
  } catch (error) {
    const { code = '', lines } = error as { code?: string; lines?: number }
    throw refused(`is wrong in line ${lines ?? '?'} (${reasons[code] ?? 'no CSV'})`)
  }
}

const reasons: Record<string, string> = {
  CSV_RECORD_INCONSISTENT_FIELDS_LENGTH: 'another number of values than there are names',
  CSV_QUOTE_NOT_CLOSED: 'a quote is not closed',
  CSV_INVALID_CLOSING_QUOTE: 'something behind a closing quote',
  INVALID_OPENING_QUOTE: 'a quote within a value',
  CSV_MAX_RECORD_SIZE: 'it is too long',
}

/** What makes a formula; East Asian spreadsheets take the wide forms too (OWASP, CSV Injection). */
const FORMULA = /^[=+\-@\t\r\n＝＋－＠]/

/** One cell of a file that a spreadsheet may open: what would be a formula there is text. */
export function cell(text: string): string {
  const inert = FORMULA.test(text.trimStart()) || /^[\t\r\n]/.test(text) ? `'${text}` : text
  return `"${inert.replaceAll('"', '""')}"`
}

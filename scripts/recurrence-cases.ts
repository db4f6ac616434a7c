import { readFileSync } from 'node:fs'
import { occurrences } from '#services/scheduling/recurrence/occurrences.ts'
import { parseRule } from '#services/scheduling/recurrence/rule.ts'

// Recurrence rules beside the dates that others say they mean: node scripts/recurrence-cases.ts <file>, where the file is icalrecur_test.txt of libical,
// which is not ours to ship. Cases that libical itself marks as not implemented are passed over.

const YEARS = 130

const field = (block: string, name: string) => new RegExp(`^${name}:(.*)$`, 'm').exec(block)?.[1]?.trim() ?? ''

function wall(text: string): number {
  const [, y, m, d, hh = '00', mm = '00', ss = '00'] = /^(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d))?/.exec(text) ?? []
  return Date.parse(`${y}-${m}-${d}T${hh}:${mm}:${ss}Z`)
}

const basic = (time: number, dateOnly: boolean) =>
  new Date(time)
    .toISOString()
    .replace(/[-:]|\.000Z/g, '')
    .slice(0, dateOnly ? 8 : 15)

/** What a rule means here, as the file writes it. */
function meant(rule: string, start: string): string {
  const dateOnly = !start.includes('T')
  const through = wall(start) + YEARS * 366 * 86_400_000
  return [...occurrences(parseRule(rule), wall(start), through, dateOnly)].map((time) => basic(time, dateOnly)).join()
}

const cases = readFileSync(process.argv[2] ?? '', 'utf8')
  .split(/\n\s*\n/)
  .map((block) => ({ rule: field(block, 'RRULE'), start: field(block, 'DTSTART'), means: field(block, 'INSTANCES') }))
  .filter(({ rule, means }) => rule !== '' && means !== '' && !means.includes('***'))
const wrong = cases.filter(({ rule, start, means }) => meant(rule, start) !== means.replaceAll('Z', ''))
for (const { rule, start, means } of wrong)
  process.stdout.write(`${rule} from ${start}\n  there ${means}\n  here  ${meant(rule, start)}\n`)
process.stdout.write(`${cases.length - wrong.length} of ${cases.length} rules mean the same\n`)
process.exitCode = wrong.length > 0 || cases.length === 0 ? 1 : 0

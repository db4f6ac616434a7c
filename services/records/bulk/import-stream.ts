import { projected } from '#fhir/face.ts'
import { derivedTypes } from '#fhir/store/concerns.ts'
import type { Context } from '#platform/context.ts'
import type { RecordsTables } from '../tables.ts'
import type { Line } from './lines.ts'
import { missingOf } from './missing.ts'
import { BATCH } from './run-import.ts'
import { takeLines } from './take-lines.ts'
import type { Fault } from './taken.ts'

type Ctx = Context<RecordsTables>

/** While the database writes one batch, the next is validated. */
const AT_ONCE = 3
/** Or as many lines as are so long, whichever is less: three batches are in memory, several times over. */
const BATCH_CHARACTERS = 4_000_000
/** Of what registry keeps so many are one call: what is of many records is written together. */
const KEPT: ReadonlySet<string | undefined> = new Set(projected)
const KEPT_AT_ONCE = 100
/** What is about whom something else is about, which a batch that is under way may hold. */
const DERIVED: ReadonlySet<string | undefined> = new Set(derivedTypes)
/** A line is parsed where it is taken; here its beginning does, as whoever exports writes it. */
const TYPE = /^\{\s*"resourceType"\s*:\s*"([A-Za-z]+)"/
/** A Provenance may name a whole record, all of which is held while it is written. */
const DERIVED_CHARACTERS = 250_000
const MOST_REFERENCES = 1_000_000

export interface Imported {
  lines: number
  created: number
  unchanged: number
  refused: number
  /** At most a million of what was referred to before it came is remembered. */
  missing: string[]
}

/** Takes in a file of any length, as it comes; faults as they are found. */
export async function importStream(
  ctx: Ctx,
  input: AsyncIterable<Buffer>,
  { types, fault }: { types: ReadonlySet<string>; fault(one: Fault): void },
): Promise<Imported> {
  const done: Imported = { lines: 0, created: 0, unchanged: 0, refused: 0, missing: [] }
  const later = new Set<string>()
  const running = new Set<Promise<unknown>>()
  const take = async (lines: Line[]) => {
    const taken = await takeLines(ctx, lines, types)
    done.created += taken.created
    done.unchanged += taken.unchanged
    done.refused += taken.faults.length
    for (const one of taken.faults) fault(one)
    for (const one of await missingOf(ctx, taken.references)) if (later.size < MOST_REFERENCES) later.add(one)
  }
  const begin = async (batch: Line[], after: Promise<unknown> = Promise.resolve()) => {
    const work: Promise<unknown> = after.then(() => take(batch)).then(() => running.delete(work))
    work.catch(() => {}) // one that failed stays among them, and whoever waits next is told
    running.add(work)
    if (running.size >= AT_ONCE) await Promise.race(running)
  }
  const [others, kept, derived] = [batchOf(BATCH), batchOf(KEPT_AT_ONCE), batchOf(BATCH, DERIVED_CHARACTERS)]
  const takeDerived = async () => {
    await begin(kept.taken())
    await begin(others.taken())
    await begin(derived.taken(), Promise.all(running)) // what comes after it in the file goes on meanwhile
  }
  for await (const line of streamedLines(input, ctx.config.BODY_LIMIT_BYTES)) {
    done.lines = line.number
    const { text = '' } = line
    if (line.text === '') continue
    const type = TYPE.exec(text)?.[1]
    const batch = KEPT.has(type) ? kept : DERIVED.has(type) ? derived : others
    if (!batch.fills(line)) continue
    if (batch === derived) await takeDerived()
    else await begin(batch.taken())
  }
  await takeDerived()
  await Promise.all(running)
  return { ...done, missing: await missingOf(ctx, later) }
}

function batchOf(most: number, longest = BATCH_CHARACTERS) {
  let [lines, characters]: [Line[], number] = [[], 0]
  return {
    /** With this one. */
    fills(line: Line): boolean {
      characters += line.text?.length ?? 0
      return lines.push(line) === most || characters > longest
    },
    taken(): Line[] {
      const all = lines
      ;[lines, characters] = [[], 0]
      return all
    },
  }
}

const NEWLINE = 10

/** A line that is longer than a resource may be is not kept in memory: it is only counted. */
async function* streamedLines(input: AsyncIterable<Buffer>, longest: number): AsyncGenerator<Line> {
  let [number, rest, isLong] = [1, Buffer.alloc(0), false]
  const whole = (end: Buffer): Line => {
    const size = rest.length + end.length
    const text = isLong || size > longest ? undefined : Buffer.concat([rest, end]).toString('utf8').trim()
    return { number, text, end: 0 }
  }
  for await (const chunk of input) {
    let from = 0
    for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, from)) {
      yield whole(chunk.subarray(from, at))
      from = at + 1
      number++
      ;[rest, isLong] = [Buffer.alloc(0), false]
    }
    isLong ||= rest.length + chunk.length - from > longest
    rest = isLong ? Buffer.alloc(0) : Buffer.concat([rest, chunk.subarray(from)])
  }
  if (rest.length > 0 || isLong) yield whole(Buffer.alloc(0))
}

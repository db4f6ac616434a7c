import type { Kysely } from 'kysely'
import { ID } from '#fhir/bundle/entry-url.ts'
import { exactly } from '#fhir/decimal.ts'
import { indexOf } from '#fhir/indexing/index-of.ts'
import { changeOf, checked } from '#fhir/interactions/checked.ts'
import type { Resource } from '#fhir/resource.ts'
import type { Change } from '#fhir/store/change.ts'
import { type Concerns, isDerived, lastDerived, leadsTo } from '#fhir/store/concerns.ts'
import { concernsAt, currentOf } from '#fhir/store/current.ts'
import { storeResources } from '#fhir/store/write.ts'
import { expectConcerns } from '#fhir/writing/expect-concerns.ts'
import { system } from '#platform/auth.ts'
import type { Context } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { refuseBrokenText } from '#platform/validate.ts'
import { faceOf } from '../face.ts'
import type { RecordsTables } from '../tables.ts'
import type { Line } from './lines.ts'
import { takePatientLines } from './take-patient-lines.ts'
import type { Fault, Read, Taken } from './taken.ts'

type Ctx = Context<RecordsTables>

/**
 * Takes in what some lines hold, by the way of every other write: it is validated, and found by what it says. Each is created under its own id; what is there
 * already as it is stays so, and what is there otherwise is not touched, since whoever imports does not treat.
 */
export async function takeLines(ctx: Ctx, lines: readonly Line[], types: ReadonlySet<string>): Promise<Taken> {
  const taken: Taken = { created: 0, unchanged: 0, faults: [], references: new Set() }
  const read = lines.flatMap((line) => readLine(line, types, taken))
  const [patients, others] = [
    read.filter(({ resource }) => resource.resourceType === 'Patient'),
    read.filter(({ resource }) => resource.resourceType !== 'Patient'),
  ]
  if (patients.length > 0) await takePatientLines(ctx, patients, taken)
  for (let attempt = 1; !(await takeOthers(ctx, others, taken)); attempt++)
    if (attempt === ATTEMPTS) throw new Problem('transient', 'Others write the same resources; begin again.')
  return taken
}

/** Each time somebody else has written one of them, which is then there. */
const ATTEMPTS = 5

function readLine({ number: line, text }: Line, types: ReadonlySet<string>, taken: Taken): Read[] {
  try {
    const resource = resourceIn(text)
    const type = resource.resourceType
    if (!types.has(type))
      throw new Problem('forbidden', 'Resources of this type are not taken in here, or not from you.')
    if (!ID.test(resource.id ?? '')) throw new Problem('invalid', 'The resource must have an id.')
    checked(type, resource)
    return [{ line, resource: resource as Read['resource'] }]
  } catch (error) {
    taken.faults.push(faultOf(line, error))
    return []
  }
}

function resourceIn(text: string | undefined): Resource {
  if (text === undefined) throw new Problem('too-long', 'The line is longer than a resource may be.')
  let parsed: unknown
  try {
    parsed = exactly(text, JSON.parse(text))
  } catch (cause) {
    throw new Problem('invalid', 'The line is not JSON.', { cause })
  }
  if (typeof parsed !== 'object' || parsed === null || Object.hasOwn(parsed, '__proto__'))
    throw new Problem('invalid', 'The line is not a resource.')
  refuseBrokenText(text, parsed)
  return parsed as Resource
}

const MOST_PLACES = 5

/** Where, and what; nothing of what the line says. */
function faultOf(line: number, error: unknown): Fault {
  if (!(error instanceof Problem)) throw error
  const places = (error.errors ?? [])
    .slice(0, MOST_PLACES)
    .map(({ pointer, detail }) => `${pointer.slice(0, 200)}: ${detail}`)
  return { line, code: error.code, diagnostics: [error.message, ...places].join(' ') }
}

/** False where somebody was there in between: then it is looked at anew. */
async function takeOthers(ctx: Ctx, read: readonly Read[], taken: Taken): Promise<boolean> {
  if (read.length === 0) return true
  const connection = await ctx.database.connect()
  try {
    const db = connection.tx as unknown as Kysely<unknown>
    const house = { account: undefined, within: undefined, now: ctx.now(), isHouse: true }
    const there = await currentOf(
      db,
      read.map(({ resource: { resourceType: type, id } }) => ({ type, id })),
      house,
    )
    const of = await concernsAt(db, behind(ctx, read), house)
    const known = new Map(
      [...there].map(([name, { body }]) => [name, body === null ? '' : contentOf(JSON.parse(body))]),
    )
    const outcome: Taken = { created: 0, unchanged: 0, faults: [], references: new Set() }
    const changes = lastDerived(read, ({ resource }) => resource.resourceType).flatMap((one) =>
      changeFor(ctx, one, { known, of }, outcome),
    )
    if (changes.length > 0) await storeResources(db, ctx, changes, { relationships: undefined })
    taken.created += changes.length
    taken.unchanged += outcome.unchanged
    taken.faults.push(...outcome.faults)
    for (const reference of outcome.references) taken.references.add(reference)
    return true
  } catch (error) {
    if (error instanceof Problem && error.code === 'lock-error') return false
    throw error
  } finally {
    connection.release()
  }
}

/** What a resource says, but for what each store says of it. */
function contentOf({ meta, ...rest }: Resource): string {
  const { versionId: _version, lastUpdated: _at, ...kept } = meta ?? {}
  return JSON.stringify(Object.entries({ ...rest, ...(Object.keys(kept).length > 0 && { meta: kept }) }).sort(byName))
}

const byName = ([a]: [string, unknown], [b]: [string, unknown]) => (a < b ? -1 : 1)

/** What those lead to that are about whom something else is about. */
function behind(ctx: Ctx, read: readonly Read[]): string[] {
  const { base } = faceOf(ctx.config)
  return read.flatMap(({ resource }) =>
    isDerived(resource.resourceType) ? leadsTo(resource, indexOf(resource, { base })) : [],
  )
}

interface Known {
  /** What is there says, by `Type/id`. */
  known: Map<string, string>
  of: Map<string, Concerns>
}

function changeFor(ctx: Ctx, { line, resource }: Read, { known, of }: Known, taken: Taken): Change[] {
  const { resourceType: type, id } = resource
  const content = contentOf(resource)
  const before = known.get(`${type}/${id}`)
  try {
    if (before === content) taken.unchanged++
    else if (before !== undefined)
      throw new Problem('conflict', 'Something else is, or was, here under this id. It stays as it is.')
    else {
      const [face, written] = [faceOf(ctx.config), { type, id, version: 1, at: ctx.now(), method: 'PUT' } as const]
      // What is its author's alone nobody would ever see whose author is an app.
      const author = ctx.actor.kind === 'account' ? ctx.actor.account : undefined
      const change = changeOf(resource, written, face, { of, author })
      // What is about nobody is for administrators to write.
      expectConcerns(change, { actor: ctx.actor.kind === 'client' ? ctx.actor : system, face, of })
      of.set(`${type}/${id}`, change.concerns)
      known.set(`${type}/${id}`, content) // of lines with one id, the first
      for (const reference of change.index.references) taken.references.add(reference.slice(reference.indexOf('=') + 1))
      return [change]
    }
  } catch (error) {
    taken.faults.push(faultOf(line, error))
  }
  return []
}

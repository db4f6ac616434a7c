import { parseExact } from '#fhir/decimal.ts'
import { faceOf, projected } from '#fhir/face.ts'
import { indexOf } from '#fhir/indexing/index-of.ts'
import type { Face } from '#fhir/interactions/asked.ts'
import { changeOf } from '#fhir/interactions/checked.ts'
import type { Resource } from '#fhir/resource.ts'
import type { Change } from '#fhir/store/change.ts'
import { type Concerns, isDerived, lastDerived, leadsTo } from '#fhir/store/concerns.ts'
import { concernsAt, currentOf } from '#fhir/store/current.ts'
import { storeResources } from '#fhir/store/write.ts'
import { expectConcerns } from '#fhir/writing/expect-concerns.ts'
import { system } from '#platform/auth.ts'
import type { Context } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { storeOf } from '../store.ts'
import type { RecordsTables } from '../tables.ts'
import type { Line } from './lines.ts'
import { faultOf, readLine } from './read-line.ts'
import { standingOf } from './standing.ts'
import { takeKeptLines } from './take-kept-lines.ts'
import type { Read, Taken } from './taken.ts'

type Ctx = Context<RecordsTables>

/**
 * Takes in what some lines hold, by the way of every other write: it is validated, and found by what it says. Each is created under its own id; what is there
 * already as it is stays so, and what is there otherwise is not touched, since whoever imports does not treat.
 */
export async function takeLines(ctx: Ctx, lines: readonly Line[], types: ReadonlySet<string>): Promise<Taken> {
  const taken: Taken = { created: 0, unchanged: 0, faults: [], references: new Set() }
  const { base } = faceOf(ctx.config)
  const read = lines.flatMap((line) => readLine(line, { types, base }, taken))
  const { true: kept = [], false: others = [] } = Object.groupBy(read, ({ resource }) =>
    String(projected.includes(resource.resourceType)),
  )
  if (kept.length > 0) await takeKeptLines(ctx, kept, taken)
  for (let attempt = 1; !(await takeOthers(ctx, others, taken)); attempt++)
    if (attempt === ATTEMPTS) throw new Problem('transient', 'Others write the same resources; begin again.')
  return taken
}

/** Each time somebody else has written one of them, which is then there. */
const ATTEMPTS = 5

/** False where somebody was there in between: then it is looked at anew. */
async function takeOthers(ctx: Ctx, read: readonly Read[], taken: Taken): Promise<boolean> {
  if (read.length === 0) return true
  const db = storeOf(ctx)
  const house = { account: undefined, within: undefined, now: ctx.now(), isHouse: true }
  const names = read.map(({ resource: { resourceType: type, id } }) => ({ type, id }))
  const there = await currentOf(db, names, house)
  const of = await concernsAt(db, behind(ctx, read), house)
  const known = new Map(
    [...there].map(([name, { body }]) => [name, body === null ? undefined : (parseExact(body) as Resource)]),
  )
  const face = faceOf(ctx.config)
  const outcome: Taken = { created: 0, unchanged: 0, faults: [], references: new Set() }
  const made = lastDerived(read, ({ resource }) => resource.resourceType).flatMap((one) =>
    changeFor(ctx, one, { face, known, of }, outcome),
  )
  const changes = await standing(ctx, made, outcome)
  if (!(await store(ctx, changes))) return false
  taken.created += changes.length
  taken.unchanged += outcome.unchanged
  taken.faults.push(...outcome.faults)
  for (const reference of outcome.references) taken.references.add(reference)
  return true
}

/** On a connection of its own: one statement, one transaction. */
async function store(ctx: Ctx, changes: readonly Change[]): Promise<boolean> {
  if (changes.length === 0) return true
  const connection = await ctx.database.connect()
  try {
    await storeResources(storeOf({ db: connection.tx }), ctx, changes, { relationships: undefined })
    return true
  } catch (error) {
    if (error instanceof Problem && error.code === 'lock-error') return false
    throw error
  } finally {
    connection.release()
  }
}

interface Made {
  line: number
  change: Change
}

/** About whoever became one with another, it is about that one; about whoever has been erased, nothing comes back. */
async function standing(ctx: Ctx, made: readonly Made[], taken: Taken): Promise<Change[]> {
  const { as, erased } = await standingOf(
    ctx,
    made.flatMap(({ change }) => change.concerns.about),
  )
  return made.flatMap(({ line, change }) => {
    const { about } = change.concerns
    if (about.some((patient) => erased.has(patient))) {
      taken.faults.push(faultOf(line, new Problem('business-rule', 'It is about somebody who has been erased here.')))
      return []
    }
    const stands = [...new Set(about.map((patient) => as.get(patient) ?? patient))]
    return [{ ...change, as, concerns: { ...change.concerns, about: stands } }]
  })
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
  face: Face
  /** What is there, by `Type/id`; undefined: it was there. */
  known: Map<string, Resource | undefined>
  of: Map<string, Concerns>
}

function changeFor(ctx: Ctx, { line, resource }: Read, { face, known, of }: Known, taken: Taken): Made[] {
  const { resourceType: type, id } = resource
  const name = `${type}/${id}`
  try {
    if (known.has(name)) {
      const before = known.get(name)
      if (before === undefined || contentOf(before) !== contentOf(resource))
        throw new Problem('conflict', 'Something else is, or was, here under this id. It stays as it is.')
      taken.unchanged++
      return []
    }
    // What is its author's alone nobody would ever see whose author is an app.
    const author = ctx.actor.kind === 'account' ? ctx.actor.account : undefined
    const written = { type, id, version: 1, at: ctx.now(), method: 'PUT' } as const
    const change = changeOf(resource, written, face, { of, author })
    // What is about nobody is for administrators to write.
    expectConcerns(change, { actor: ctx.actor.kind === 'client' ? ctx.actor : system, face, of })
    of.set(name, change.concerns)
    known.set(name, resource) // of lines with one id, the first
    for (const reference of change.index.references) {
      const to = reference.slice(reference.indexOf('=') + 1)
      if (!of.has(to)) taken.references.add(to) // else it is here, or comes with this
    }
    return [{ line, change }]
  } catch (error) {
    taken.faults.push(faultOf(line, error))
    return []
  }
}

import type { Kysely } from 'kysely'
import type { Context, TransactionContext } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { newId } from '#platform/ids.ts'
import { inPart, transact } from '#platform/transaction.ts'
import { type Assigned, assignIds } from '../bundle/assign-ids.ts'
import { entryPatch } from '../bundle/entry-patch.ts'
import type { Identity, Plan, PlanEntry } from '../bundle/plan.ts'
import { type ConditionalReference, rewriteReferences } from '../bundle/rewrite-references.ts'
import { parseExact } from '../decimal.ts'
import { indexOf } from '../indexing/index-of.ts'
import type { Asked, Face } from '../interactions/asked.ts'
import type { Resource } from '../resource.ts'
import type { Change } from '../store/change.ts'
import { type Concerns, isDerived, lastDerived, leadsTo } from '../store/concerns.ts'
import { concernsAt, currentOf, takeTurns } from '../store/current.ts'
import type { Stored } from '../store/read.ts'
import { seerOf } from '../store/seer.ts'
import { storeResources, type Writer } from '../store/write.ts'
import { withOwnHeaders } from '../subscription/own-header.ts'
import { watching } from '../subscription/watching.ts'
import { changeFor } from './change-for.ts'
import { type Condition, conditionOf, resolve, textOf } from './conditions-met.ts'
import type { Done } from './done.ts'
import { idOfKept, isKept, type Kept, keepEntries, keptFirst } from './keep.ts'

/** Who asks, and of which face. */
interface By {
  face: Face
  asked: Pick<Asked, 'admit'>
}

type Ctx = Pick<Context<unknown>, 'actor' | 'room' | 'doing' | 'traceId' | 'now' | 'config'>

/**
 * Carries out all entries of a plan that write, or none (hl7.org/fhir/R4/http.html#trules): one statement looks up what is there, one writes. Only where something is
 * named by a condition is there a transaction around them, in which who uses the same conditions take turns. Whoever was overtaken and asked for no version of its own
 * begins anew: of two updates without If-Match the later one counts. What is `told` of it is kept where there is an Idempotency-Key, as JSON, and told again.
 */
export const carryOut = <R>(
  ctx: Context<unknown>,
  plan: Plan,
  by: By,
  told: (done: readonly Done[]) => R,
): Promise<R> => unlessOvertaken(() => carryOutOnce(ctx, plan, by, told))

/** The same as a part of a transaction, which goes on whatever becomes of it. */
export const carryOutWithin = (ctx: TransactionContext<unknown>, plan: Plan, by: By): Promise<Done[]> =>
  unlessOvertaken(() => inPart(ctx, (ctx) => within(ctx, ctx.db as Kysely<unknown>, writesOf(plan, by), by, ctx)))

async function unlessOvertaken<R>(work: () => Promise<R>): Promise<R> {
  for (let attempt = 1; ; attempt++)
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof Overtaken) || attempt === ATTEMPTS) throw error
    }
}

/** Each time at least one other has been served. */
const ATTEMPTS = 10

/** Somebody else wrote between the look and the write. */
class Overtaken extends Problem {}

async function carryOutOnce<R>(
  ctx: Context<unknown>,
  plan: Plan,
  by: By,
  told: (done: readonly Done[]) => R,
): Promise<R> {
  const writes = writesOf(plan, by)
  const needsTransaction = (entry: PlanEntry) =>
    conditionOf(entry) !== undefined || hasConditionalReference(entry) || isKept(by.face, entry)
  if (ctx.once || writes.entries.some(needsTransaction))
    return transact(ctx, async (ctx) => told(await within(ctx, ctx.db as Kysely<unknown>, writes, by, ctx)))
  const connection = await ctx.database.connect()
  try {
    return told(await within(ctx, connection.tx, writes, by))
  } finally {
    connection.release()
  }
}

const WRITES: ReadonlySet<PlanEntry['interaction']> = new Set(['create', 'update', 'patch', 'delete'])
export const isWrite = ({ interaction }: PlanEntry): boolean => WRITES.has(interaction)
const writesOf = (plan: Plan, { face }: By): Plan => ({
  ...plan,
  entries: keptFirst(plan.entries.filter(isWrite), face),
})

const hasConditionalReference = ({ resource, fullUrl }: PlanEntry): boolean =>
  resource !== undefined && rewriteReferences(resource, new Map(), fullUrl).conditional.length > 0

/** `tx`: the same transaction, where there is one. */
async function within(ctx: Ctx, db: Kysely<unknown>, plan: Plan, by: By, tx?: TransactionContext): Promise<Done[]> {
  const { face } = by
  const found = await foundBy(ctx, db, plan.entries, by)
  const assigned = assignIds(plan, (...of) => idOfKept(of[0], face, of[1]) ?? newId(), found)
  const all = await withReferences(ctx, db, plan.entries, { references: assigned.references, by })
  const kept = tx
    ? await keepEntries(
        tx,
        all.filter((one) => isKept(face, one)),
        { face, found, ...assigned },
      )
    : []
  const entries = all.filter((one) => !isKept(face, one))
  const done = await storeEntries(ctx, db, entries, { by, found, assigned, kept })
  return [...kept, ...done]
}

interface Resolved {
  by: By
  found: ReadonlyMap<number, Identity>
  assigned: Assigned
  kept: readonly Kept[]
}

/** Those that are their own truth. */
async function storeEntries(
  ctx: Ctx,
  db: Kysely<unknown>,
  entries: readonly PlanEntry[],
  { by, found, assigned, kept }: Resolved,
): Promise<Done[]> {
  const { face } = by
  const targets = entries.flatMap((entry) =>
    isCreate(entry, found) ? [] : (assigned.identities.get(entry.index) ?? []),
  )
  const current = await currentOf(db, targets, seerOf(ctx))
  // A patch by whoever gave its headers leaves them as they are.
  for (const [name, row] of current)
    if (row.type === 'Subscription' && row.body !== null)
      current.set(name, { ...row, body: await withOwnHeaders(db, ctx.actor, row.body) })
  const of = await concernsBehind(ctx, db, [...entries, ...patched(entries, assigned, current)], face)
  for (const { change, concerns } of kept) if (change && concerns) of.set(`${change.type}/${change.id}`, concerns)
  const done: (Done & { change: Change | undefined })[] = []
  for (const entry of lastDerived(entries, ({ type = '' }) => type)) {
    const identity = assigned.identities.get(entry.index)
    const name = `${identity?.type}/${identity?.id}`
    const before = current.get(name)
    const exists = entry.interaction === 'create' && found.has(entry.index)
    const given = { before, at: ctx.now(), face, actor: ctx.actor, of }
    const made = identity && !exists ? changeFor(entry, { identity, ...given }) : undefined
    const change = made?.type === 'Subscription' ? await watching(ctx, db, { change: made, before }, by) : made
    if (change) of.set(name, change.concerns)
    done.push({ entry, change, before })
  }
  await write(ctx, db, done, { face, made: registeredBy(kept) })
  return done
}

/** Patients who were not here before. */
const registeredBy = (kept: readonly Kept[]): ReadonlySet<string> =>
  new Set(kept.flatMap(({ change, before }) => (change?.type === 'Patient' && !before ? change.id : [])))

/** What patches make of what is about whom something else is about: they say only what is to change. One that fails is told of in its turn. */
const patched = (entries: readonly PlanEntry[], { identities }: Assigned, current: ReadonlyMap<string, Stored>) =>
  entries.flatMap((entry) => {
    const { type = '', id = '' } = identities.get(entry.index) ?? {}
    const body = current.get(`${type}/${id}`)?.body ?? null
    if (entry.interaction !== 'patch' || !isDerived(type) || body === null) return []
    try {
      return { type, resource: entryPatch(entry, parseExact(body) as Resource) }
    } catch {
      return []
    }
  })

/** Whom those are about to which what is written leads, as far as whoever writes may see them. */
async function concernsBehind(
  ctx: Ctx,
  db: Kysely<unknown>,
  entries: readonly Pick<PlanEntry, 'type' | 'resource'>[],
  { base }: Face,
): Promise<Map<string, Concerns>> {
  const names = entries.flatMap(({ type = '', resource }) =>
    resource && isDerived(type) ? leadsTo(resource, indexOf(resource, { base })) : [],
  )
  return concernsAt(db, names, seerOf(ctx))
}

const isCreate = ({ index, interaction }: PlanEntry, found: ReadonlyMap<number, Identity>) =>
  interaction === 'create' && !found.has(index)

/** By the entry's index. */
async function foundBy(
  ctx: Ctx,
  db: Kysely<unknown>,
  entries: readonly PlanEntry[],
  by: By,
): Promise<Map<number, Identity>> {
  const conditions = entries.flatMap((entry) => {
    const condition = conditionOf(entry)
    return condition ? [{ index: entry.index, condition }] : []
  })
  if (conditions.length === 0) return new Map()
  await takeTurns(
    db,
    conditions.map(({ condition }) => textOf(condition)),
  )
  const found = await resolve(
    db,
    conditions.map(({ condition }) => condition),
    { ctx, ...by },
  )
  return new Map(
    conditions.flatMap(({ index, condition }) => {
      const identity = found.get(textOf(condition))
      return identity ? [[index, identity] as const] : []
    }),
  )
}

/** With references to other entries, and those by a search, as what they stand for. */
async function withReferences(
  ctx: Ctx,
  db: Kysely<unknown>,
  entries: readonly PlanEntry[],
  { references, by }: { references: ReadonlyMap<string, string>; by: By },
): Promise<PlanEntry[]> {
  const first = entries.map((entry) => {
    if (!entry.resource) return { entry, conditional: [] }
    const { resource, conditional } = rewriteReferences(entry.resource, references, entry.fullUrl)
    return { entry: { ...entry, resource }, conditional }
  })
  const conditions = first.flatMap(({ entry, conditional }) => conditional.map((one) => conditionFrom(one, entry)))
  if (conditions.length === 0) return first.map(({ entry }) => entry)
  const found = await resolve(db, conditions, { ctx, ...by })
  const lost = conditions.find((one) => !found.has(textOf(one)))
  if (lost)
    throw new Problem('business-rule', 'A reference by a search finds nothing; nothing was changed.', {
      errors: [{ pointer: lost.pointer, detail: 'finds nothing' }],
    })
  const map = new Map([...found].map(([text, { type, id }]) => [text, `${type}/${id}`]))
  return first.map(({ entry, conditional }) =>
    entry.resource && conditional.length > 0
      ? { ...entry, resource: rewriteReferences(entry.resource, map, entry.fullUrl).resource }
      : entry,
  )
}

const conditionFrom = ({ type, query, pointer }: ConditionalReference, { index }: PlanEntry): Condition => ({
  type,
  query,
  pointer: `/body/entry/${index}/resource${pointer}`,
})

type Writing = Done & { change: Change }

/** What is about nobody but patients who are registered by the same transaction comes with them: nobody else has anything of theirs, and who writes it sees it no more than before. */
async function write(
  ctx: Ctx,
  db: Kysely<unknown>,
  done: readonly (Done & { change: Change | undefined })[],
  { face: { writer }, made }: { face: Face; made: ReadonlySet<string> },
): Promise<void> {
  const changing = done.filter((one): one is Writing => one.change !== undefined)
  const { true: withThem = [], false: others = [] } = Object.groupBy(changing, ({ change: { concerns } }) =>
    String(concerns.about.length > 0 && concerns.about.every((patient) => made.has(patient))),
  )
  await writeAs(ctx, db, withThem, { relationships: undefined })
  await writeAs(ctx, db, others, writer)
}

async function writeAs(ctx: Ctx, db: Kysely<unknown>, changing: readonly Writing[], writer: Writer): Promise<void> {
  if (changing.length === 0) return
  try {
    await storeResources(
      db,
      ctx,
      changing.map(({ change }) => change),
      writer,
    )
  } catch (error) {
    throw located(error, changing)
  }
}

/** The store counts what it was given; whoever asked counts entries. */
function located(error: unknown, changing: readonly Writing[]): unknown {
  if (!(error instanceof Problem) || (error.code !== 'forbidden' && error.code !== 'lock-error')) return error
  const place = Number(/\d+$/.exec(error.errors?.[0]?.pointer ?? '')?.[0])
  const at = changing[place]
  // Somebody has this id already whom the caller may not see: it looks as if it were not there, and cannot be had.
  if (error.code === 'lock-error' && at && !at.before && at.entry.interaction === 'update')
    return new Overtaken('not-found', 'There is no such resource, or you may not see it.', { cause: error })
  const isOvertaken = error.code === 'lock-error' && at?.entry.ifMatch === undefined
  return new (isOvertaken ? Overtaken : Problem)(error.code, error.message, {
    cause: error,
    errors: [{ pointer: `/body/entry/${at?.entry.index}`, detail: 'is refused' }],
  })
}

import type { Kysely } from 'kysely'
import type { TransactionContext } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import type { Keeping, KeptBy, KeptResource } from '#platform/keeper.ts'
import { asRoom } from '#platform/transaction.ts'
import { entryPatch } from '../bundle/entry-patch.ts'
import type { Identity, PlanEntry } from '../bundle/plan.ts'
import { parseExact } from '../decimal.ts'
import type { Face } from '../interactions/asked.ts'
import { checked } from '../interactions/checked.ts'
import { nowhere } from '../interactions/read.ts'
import type { Resource } from '../resource.ts'
import type { Concerns } from '../store/concerns.ts'
import { currentOf } from '../store/current.ts'
import type { Stored } from '../store/read.ts'
import type { Done } from './carry-out.ts'
import { expectVersions } from './change-for.ts'

// Entries of types that follow from another room's rows: their keeper writes them, and what the store says then is the answer.

type Tx = TransactionContext<unknown>

export const isKept = ({ keepers }: Face, { type = '' }: Pick<PlanEntry, 'type'>): boolean => keepers.has(type)

/** What refers to another of them comes after it, so that it is known what it stands for. */
export const keptFirst = (entries: readonly PlanEntry[], face: Face): PlanEntry[] => {
  const place = ({ type = '' }: PlanEntry) =>
    face.keepers.get(type)?.keeper.types.indexOf(type) ?? Number.MAX_SAFE_INTEGER
  return entries.toSorted((a, b) => place(a) - place(b))
}

/** The id of what is created, where that is the id of what it refers to. */
export function idOfKept(
  { type = '', resource }: PlanEntry,
  { keepers }: Face,
  references: ReadonlyMap<string, string>,
) {
  const reference = resource && keepers.get(type)?.keeper.idFrom?.(resource)
  return reference === undefined ? undefined : (references.get(reference) ?? reference).split('/')[1]
}

interface Given {
  face: Face
  identities: ReadonlyMap<number, Identity>
  /** Of creates on a condition: what is there already. */
  found: ReadonlyMap<number, Identity>
}

/** Entries as they were rewritten; each with its identity. */
export async function keepEntries(
  ctx: Tx,
  entries: readonly PlanEntry[],
  given: Given,
): Promise<(Done & { concerns?: Concerns })[]> {
  const done: (Done & { concerns?: Concerns })[] = []
  for (const [by, some] of Map.groupBy(entries, ({ type = '' }) => given.face.keepers.get(type) as KeptBy))
    done.push(...(await asRoom(ctx, by.room, (ctx: Tx) => keepSome(ctx, by, some, given))))
  return done
}

async function keepSome(ctx: Tx, { keeper }: KeptBy, entries: readonly PlanEntry[], { identities, found }: Given) {
  const named = entries.map((entry) => ({ entry, identity: identities.get(entry.index) as Identity }))
  const wanted = named.map(({ identity }) => identity)
  const held = await keeper.hold(ctx, wanted)
  const store = ctx.db as Kysely<unknown>
  const before = await currentOf(store, wanted, HOUSE)
  const isOpen = (of: Identity) => held.get(nameOf(of)) === true
  const writing = named.flatMap(({ entry, identity }) => {
    if (entry.interaction === 'create' && found.has(entry.index)) return []
    const was = isOpen(identity) ? before.get(nameOf(identity)) : undefined
    return keepingOf(entry, identity, { was, isHeld: held.has(nameOf(identity)) })
  })
  if (writing.length > 0) await keeper.keep(ctx, writing)
  const now = writing.length > 0 ? await currentOf(store, wanted, HOUSE) : before
  const written = new Set(writing.map(nameOf))
  return named.map(({ entry, identity }) => {
    const [was, is] = [before.get(nameOf(identity)), now.get(nameOf(identity))]
    const change = is && written.has(nameOf(identity)) ? changeFrom(entry, is) : undefined
    return { entry, change, before: was, ...(is && { concerns: is }) }
  })
}

const nameOf = ({ type, id }: Identity) => `${type}/${id}`

/** The keeper says who may change what. */
const HOUSE = { account: undefined, within: undefined, now: new Date(0), isHouse: true }

function keepingOf(
  entry: PlanEntry,
  { type, id }: Identity,
  { was, isHeld }: { was: Stored | undefined; isHeld: boolean },
): Keeping {
  const isCreate = entry.interaction === 'create'
  if (isCreate && isHeld)
    throw new Problem('duplicate', 'There is one of these already; update that.', { errors: at(entry) })
  if (!isCreate && (isHeld ? was?.body == null : entry.interaction === 'patch')) throw nowhere()
  expectVersions(entry, was)
  const before = was?.body == null ? undefined : (parseExact(was.body) as KeptResource)
  const resource = entry.interaction === 'patch' && before ? entryPatch(entry, before) : entry.resource
  return {
    ...{
      type,
      id,
      before,
      named: !isCreate && (entry.id ?? entry.resource?.id) !== undefined,
      at: `/body/entry/${entry.index}/resource`,
    },
    resource: { ...checked(type, resource, entry.index), id },
  }
}

const at = ({ index }: PlanEntry) => [{ pointer: `/body/entry/${index}`, detail: 'is there already' }]

const METHOD = { create: 'POST', update: 'PUT', patch: 'PATCH' } as const

const changeFrom = ({ interaction }: PlanEntry, { type, id, version, changed_at, body }: Stored): Done['change'] => ({
  ...{ type, id, version, at: changed_at },
  method: METHOD[interaction as keyof typeof METHOD],
  resource: parseExact(body ?? '') as Resource,
})

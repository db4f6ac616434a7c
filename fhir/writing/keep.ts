import type { Kysely } from 'kysely'
import type { TransactionContext } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import type { Keeping, KeptBy, KeptResource, Shown } from '#platform/keeper.ts'
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
import { expectVersions } from './change-for.ts'
import type { Done } from './done.ts'

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

export type Kept = Done & { concerns?: Concerns }

/** Entries as they were rewritten; each with its identity. */
export async function keepEntries(ctx: Tx, entries: readonly PlanEntry[], given: Given): Promise<Kept[]> {
  const done: Kept[] = []
  for (const [by, some] of Map.groupBy(entries, ({ type = '' }) => given.face.keepers.get(type) as KeptBy))
    done.push(...(await asRoom(ctx, by.room, (ctx: Tx) => keepSome(ctx, by, some, given))))
  return done
}

async function keepSome(ctx: Tx, { keeper }: KeptBy, entries: readonly PlanEntry[], given: Given) {
  const { face, identities, found } = given
  const all = entries.map((entry) => ({ entry, identity: identities.get(entry.index) as Identity }))
  // What is created under an id that has just been made is not looked for, and what a condition found is left as it is.
  const isMade = ({ interaction, resource, index }: PlanEntry) =>
    interaction === 'create' && !found.has(index) && resource !== undefined && keeper.idFrom?.(resource) === undefined
  const wanted = all.filter(({ entry }) => !isFound(entry, found))
  const held = await keeper.hold(ctx, identitiesOf(wanted.filter(({ entry }) => !isMade(entry))))
  const before = await currentOf(storeOf(ctx), identitiesOf(all.filter(({ entry }) => !isMade(entry))), HOUSE)
  const writing = wanted.map(({ entry, identity }) => {
    const name = nameOf(identity)
    return keepingOf(entry, identity, {
      face,
      was: held.get(name) ? before.get(name) : undefined,
      isHeld: held.has(name),
    })
  })
  const shown = await shownSince(ctx, keeper, writing)
  return all.map(({ entry, identity }): Kept => {
    const [was, is] = [before.get(nameOf(identity)), shown.get(nameOf(identity))]
    return { entry, before: was, change: is && changeFrom(entry, is), ...(is && { concerns: is.concerns }) }
  })
}

/** Of what was written, what the store has of it. */
async function shownSince(ctx: Tx, keeper: KeptBy['keeper'], writing: readonly Keeping[]): Promise<Map<string, Shown>> {
  if (writing.length === 0) return new Map()
  const shown = new Map((await keeper.keep(ctx, writing)).map((one) => [nameOf(one), one]))
  const others = writing.filter((one) => !shown.has(nameOf(one)))
  for (const [name, row] of await currentOf(storeOf(ctx), others, HOUSE)) {
    const { type, id, version, changed_at: at, body, about, categories } = row
    shown.set(name, {
      type,
      id,
      version,
      at,
      resource: parseExact(body ?? '') as Resource,
      concerns: { about, categories },
    })
  }
  return shown
}

const isFound = ({ index, interaction }: PlanEntry, found: Given['found']) =>
  interaction === 'create' && found.has(index)

const identitiesOf = (all: readonly { identity: Identity }[]) => all.map(({ identity }) => identity)

const storeOf = (ctx: Tx) => ctx.db as Kysely<unknown>

const nameOf = ({ type, id }: Identity) => `${type}/${id}`

/** The keeper says who may change what. */
const HOUSE = { account: undefined, within: undefined, now: new Date(0), isHouse: true }

/** Wrong is wrong before it is told whether something is there; `was`: what the caller may change. */
function keepingOf(
  entry: PlanEntry,
  { type, id }: Identity,
  { face: { base }, was, isHeld }: { face: Face; was: Stored | undefined; isHeld: boolean },
): Keeping {
  const { interaction, index } = entry
  const where = { entry: index, base }
  const sent = interaction === 'patch' ? undefined : checked(type, entry.resource, where)
  expectVersions(entry, was)
  if (interaction === 'create' && was)
    throw new Problem('duplicate', 'There is one of these already; update that.', {
      errors: [{ pointer: `/body/entry/${index}`, detail: 'is there already' }],
    })
  const before = was?.body == null ? undefined : (parseExact(was.body) as KeptResource)
  if (!before && (interaction === 'patch' || (interaction === 'update' && isHeld))) throw nowhere()
  const resource = sent ?? checked(type, entryPatch(entry, before as KeptResource), where)
  const named = interaction === 'update' && (entry.id ?? entry.resource?.id) !== undefined
  return { type, id, before, named, at: `/body/entry/${index}/resource`, resource: { ...resource, id } }
}

const METHOD = { create: 'POST', update: 'PUT', patch: 'PATCH' } as const

const changeFrom = ({ interaction }: PlanEntry, { type, id, version, at, resource }: Shown): Done['change'] => ({
  ...{ type, id, version, at, resource },
  method: METHOD[interaction as keyof typeof METHOD],
})

import type { Actor } from '#platform/auth.ts'
import { Problem } from '#platform/errors.ts'
import { entryPatch } from '../bundle/entry-patch.ts'
import type { Identity, PlanEntry } from '../bundle/plan.ts'
import { isAmong } from '../conditional.ts'
import { parseExact } from '../decimal.ts'
import { indexOf } from '../indexing/index-of.ts'
import type { Face } from '../interactions/asked.ts'
import { changeOf, checked } from '../interactions/checked.ts'
import { isThere, nowhere } from '../interactions/read.ts'
import type { Resource } from '../resource.ts'
import type { Change } from '../store/change.ts'
import { type Concerns, concernsIn, concernsOf, keepsAbout, leadsTo } from '../store/concerns.ts'
import type { Current } from '../store/current.ts'
import type { Stored } from '../store/read.ts'
import { expectConcerns } from './expect-concerns.ts'

export interface Given {
  identity: Identity
  before: Current | undefined
  at: Date
  face: Face
  actor: Actor
  /** Of what it leads to: see concerns.ts. */
  of: ReadonlyMap<string, Concerns>
}

/** What an entry makes of what is there; undefined where nothing is to be done. Throws where it may not, or is wrong. */
export function changeFor(entry: PlanEntry, given: Given): Change | undefined {
  const change = changeOfEntry(entry, given)
  if (change) expectHolder(entry, given.before)
  if (change) expectConcerns(change, { actor: given.actor, face: given.face, of: given.of })
  return change && { ...(entry.as && { as: entry.as }), ...change, heldBy: given.before?.held_by ?? entry.heldBy }
}

/** What a room holds, that room alone changes: something of its own says what it is. */
function expectHolder({ heldBy }: PlanEntry, before: Current | undefined): void {
  if (before && isThere(before) && before.held_by !== null && before.held_by !== heldBy)
    throw new Problem(
      'business-rule',
      `This belongs to something that is kept in ${before.held_by.replace('_', '-')}: it is changed there, by /v1.`,
    )
}

function changeOfEntry(entry: PlanEntry, given: Given): Change | undefined {
  const { identity, before, at, face, actor, of } = given
  const { type, id } = identity
  const where = { entry: entry.index, base: face.base }
  const around = { of, author: actor.account, ...(entry.as && { as: entry.as }) }
  expectVersions(entry, before)
  const written = { type, id, version: (before?.version ?? 0) + 1, at: notBefore(before?.changed_at, at) }
  switch (entry.interaction) {
    case 'create':
      return changeOf(checked(type, entry.resource, where), { ...written, version: 1, method: 'POST' }, face, around)
    case 'update':
      return staying(changeOf(checked(type, entry.resource, where), { ...written, method: 'PUT' }, face, around), given)
    case 'patch': {
      if (!before || !isThere(before)) throw nowhere()
      const resource = entryPatch(entry, parseExact(before.body) as Resource)
      return staying(changeOf(checked(type, resource, where), { ...written, method: 'PATCH' }, face, around), given)
    }
    default: {
      if (!before) throw nowhere()
      if (!isThere(before)) return undefined // deleting once more does nothing
      const { about, categories } = before
      const index = indexOf(JSON.parse(before.body) as Resource, face)
      return { ...written, method: 'DELETE', resource: undefined, index, concerns: { about, categories } }
    }
  }
}

/** Clocks of several machines differ, and are set back: `lastUpdated` goes on with the versions all the same. */
const notBefore = (last: Date | undefined, at: Date): Date => (last && last > at ? last : at)

/** `If-Match`, and of an update `If-None-Match: *`: 412 where it is otherwise (hl7.org/fhir/R4/http.html#concurrency). */
export function expectVersions({ ifMatch, ifNoneMatch, interaction }: PlanEntry, before: Stored | undefined): void {
  const version = before && String(before.version)
  if (ifMatch !== undefined && !isAmong(ifMatch, version))
    throw new Problem('lock-error', 'It is not there in the version that If-Match names. Read it again.')
  if (
    interaction === 'update' &&
    ifNoneMatch !== undefined &&
    isAmong(ifNoneMatch, before && isThere(before) ? version : undefined)
  )
    throw new Problem('lock-error', 'It is there already, and If-None-Match asks that it is not.')
}

/** What was written about one patient is not made to be about another, or about one more: whoever may see it then would see what it was. */
function staying(given: Change, { before, face, actor, of }: Given): Change {
  if (!before || !given.resource) return given
  const as = standsAs(before, face)
  const concerns = concernsOf(given.resource, given.index, { as, of, base: face.base, author: actor.account })
  const about = new Set(keepsAbout(given.resource) ? [...before.about, ...concerns.about] : concerns.about)
  const change = { ...given, as, concerns: { ...concerns, about: [...about] } }
  if (keepsAbout(given.resource) && before.about.length > 0) return change
  if (about.size !== new Set(before.about).size || !before.about.every((patient) => about.has(patient)))
    throw new Problem(
      'business-rule',
      'This is about another patient than it was. Delete it there, and create it anew.',
      {
        errors: [{ pointer: '/body/subject', detail: 'must stay as it is' }],
      },
    )
  return change
}

/** Whom it names and who stands for them, where a merge has moved it: what it is about by its row, beside what it is about by its words. */
function standsAs(before: Stored, face: Face): ReadonlyMap<string, string> {
  if (!isThere(before)) return new Map()
  const was = JSON.parse(before.body) as Resource
  // What is derived is about whom it is about by now.
  if (leadsTo(was, indexOf(was, face)).length > 0) return new Map()
  const named = concernsIn(was, face.base).about
  const moved = named.filter((patient) => !before.about.includes(patient))
  const [survivor] = before.about.filter((patient) => !named.includes(patient)).concat(before.about)
  return new Map(survivor === undefined ? [] : moved.map((patient) => [patient, survivor]))
}

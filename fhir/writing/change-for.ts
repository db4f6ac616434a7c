import { Problem } from '#platform/errors.ts'
import { entryPatch } from '../bundle/entry-patch.ts'
import type { Identity, PlanEntry } from '../bundle/plan.ts'
import { isAmong } from '../conditional.ts'
import { indexOf } from '../indexing/index-of.ts'
import type { Face } from '../interactions/asked.ts'
import { changeOf, checked } from '../interactions/checked.ts'
import { isThere, nowhere } from '../interactions/read.ts'
import type { Resource } from '../resource.ts'
import type { Change } from '../store/change.ts'
import { concernsOf } from '../store/concerns.ts'
import type { Stored } from '../store/read.ts'

interface Given {
  identity: Identity
  before: Stored | undefined
  at: Date
  face: Face
}

/** What an entry makes of what is there; undefined where nothing is to be done. Throws where it may not, or is wrong. */
export function changeFor(entry: PlanEntry, { identity: { type, id }, before, at, face }: Given): Change | undefined {
  expectVersions(entry, before)
  const written = { type, id, version: (before?.version ?? 0) + 1, at }
  switch (entry.interaction) {
    case 'create':
      return changeOf(checked(type, entry.resource, entry.index), { ...written, version: 1, method: 'POST' }, face)
    case 'update':
      return staying(before, changeOf(checked(type, entry.resource, entry.index), { ...written, method: 'PUT' }, face))
    case 'patch': {
      if (!before || !isThere(before)) throw nowhere()
      const resource = entryPatch(entry, JSON.parse(before.body) as Resource)
      return staying(before, changeOf(checked(type, resource, entry.index), { ...written, method: 'PATCH' }, face))
    }
    default: {
      if (!before) throw nowhere()
      if (!isThere(before)) return undefined // deleting once more does nothing
      const was = JSON.parse(before.body) as Resource
      const index = indexOf(was, face)
      return { ...written, method: 'DELETE', resource: undefined, index, concerns: concernsOf(was, index) }
    }
  }
}

/** `If-Match`, and of an update `If-None-Match: *`: 412 where it is otherwise (hl7.org/fhir/R4/http.html#concurrency). */
function expectVersions({ ifMatch, ifNoneMatch, interaction }: PlanEntry, before: Stored | undefined): void {
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
function staying(before: Stored | undefined, change: Change): Change {
  const about = new Set(change.concerns.about)
  if (before && (about.size !== new Set(before.about).size || !before.about.every((patient) => about.has(patient))))
    throw new Problem(
      'business-rule',
      'This is about another patient than it was. Delete it there, and create it anew.',
      {
        errors: [{ pointer: '/body/subject', detail: 'must stay as it is' }],
      },
    )
  return change
}

import { Problem } from '#platform/errors.ts'
import type { Identity, Plan, PlanEntry } from './plan.ts'

export interface Assigned {
  /** By the entry's index: what it creates or changes. Of a conditional delete that found nothing, and of reads of what has no id, none. */
  identities: ReadonlyMap<number, Identity>
  /** `fullUrl` → `Type/id`: what references are rewritten by. */
  references: ReadonlyMap<string, string>
  /** Entries that surely create: also updates whose condition found nothing. Whether an update by id does, the store knows. */
  created: ReadonlySet<number>
}

/**
 * Gives ids to what is created, and says what each `fullUrl` stands for from now on (hl7.org/fhir/R4/http.html#trules). For a batch, whose entries know nothing
 * of each other, give it a plan of one entry at a time.
 * @param resolved by the entry's index what its condition found (`ifNoneExist`, or the query of an update, patch or delete); none where it found nothing
 * @throws Problem `business-rule`: two entries would change the same resource; `not-found`: a conditional patch found none; `invalid`: an update's resource
 * has another id than what its condition found
 */
export function assignIds(
  plan: Plan,
  newId: (entry: PlanEntry, references: ReadonlyMap<string, string>) => string,
  resolved: ReadonlyMap<number, Identity>,
): Assigned {
  const identities = new Map<number, Identity>()
  const references = new Map<string, string>()
  const created = new Set<number>()
  const changed = new Set<string>()
  for (const entry of plan.entries) {
    const found = resolved.get(entry.index)
    const identity = identityOf(entry, found, () => newId(entry, references))
    if (!identity) continue
    identities.set(entry.index, identity)
    const name = `${identity.type}/${identity.id}`
    const conditional = entry.id === undefined && !found
    if ((entry.interaction === 'create' || entry.interaction === 'update') && conditional) created.add(entry.index)
    if (entry.fullUrl !== undefined) references.set(entry.fullUrl, name)
    if (!isChange(entry, found)) continue
    if (changed.has(name)) throw refused('business-rule', entry, '/request/url', 'is changed by another entry too')
    changed.add(name)
  }
  return { identities, references, created }
}

/** A create that found what it would create changes nothing; a read never does. */
const isChange = ({ interaction }: PlanEntry, found: Identity | undefined) =>
  interaction === 'update' ||
  interaction === 'patch' ||
  interaction === 'delete' ||
  (interaction === 'create' && !found)

function identityOf(entry: PlanEntry, found: Identity | undefined, newId: () => string): Identity | undefined {
  const { interaction, type, id, resource } = entry
  if (type === undefined) return undefined
  if (id !== undefined) return { type, id }
  switch (interaction) {
    case 'create':
      return found ?? { type, id: newId() }
    case 'update':
      if (found && resource?.id !== undefined && resource.id !== found.id)
        throw refused('invalid', entry, '/resource/id', 'is not that of what the condition found')
      return found ?? { type, id: resource?.id ?? newId() }
    case 'patch':
      if (!found) throw refused('not-found', entry, '/request/url', 'finds nothing to patch')
      return found
    case 'delete':
      return found
    default:
      return undefined
  }
}

const refused = (code: 'business-rule' | 'not-found' | 'invalid', { index }: PlanEntry, part: string, detail: string) =>
  new Problem(code, 'An entry of the Bundle cannot be carried out; nothing was changed.', {
    errors: [{ pointer: `/body/entry/${index}${part}`, detail }],
  })

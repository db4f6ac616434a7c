import type { Actor } from '#platform/auth.ts'
import { Problem } from '#platform/errors.ts'
import type { Letter } from '../door.ts'
import type { Criterion, Filter, Query } from '../query/query.ts'
import { aboutWhom } from '../store/concerns.ts'
import type { Asked } from './asked.ts'

// What a search touches beside the type that it is of: through chains, `_has` and includes nobody looks at what they could not search themselves.

/** The actor where it may, and none where it may not. */
export function actorFor({ admit }: Pick<Asked, 'admit'>, type: string, letter: Letter): Actor | undefined {
  try {
    return admit(type, letter)
  } catch (error) {
    if (error instanceof Problem) return undefined
    throw error
  }
}

/** Those of the types that may be had, and the actor who may: bound to one patient where one of them is permitted for that patient alone. */
export function permittedTypes(
  asked: Asked,
  types: readonly string[],
  letter: Letter,
): { types: string[]; actor: Actor } {
  const found = types.flatMap((type) => {
    const actor = actorFor(asked, type, letter)
    return actor ? [{ type, actor }] : []
  })
  const actor = found.find(({ actor }) => actor.within !== undefined)?.actor ?? found[0]?.actor
  if (!actor) throw new Problem('forbidden', 'None of the types is one that you may see.')
  return { types: found.map(({ type }) => type), actor }
}

/** Whether a resource that comes beside the matches may be shown: its type may be read, and of whom it is about. */
export const mayShow =
  (asked: Asked, types: readonly string[]) =>
  ({ type, about }: { type: string; about: readonly string[] }): boolean => {
    const one = types.includes(type) ? actorFor(asked, type, 'r') : undefined
    return (
      one !== undefined && (one.within === undefined || aboutWhom(about).every((patient) => patient === one.within))
    )
  }

/** The headers, where what was not sent may be shown: a scope to write alone does not read by writing. */
export const headersFor = (asked: Pick<Asked, 'admit' | 'headers' | 'type'>): Asked['headers'] =>
  actorFor(asked, asked.type, 'r') ? asked.headers : { ...asked.headers, prefer: 'return=minimal' }

export interface Permitted {
  query: Query
  /** Bound to one patient where it is so for one of the types. */
  actor: Actor
}

/** The search without ways through types that may not be searched; throws `forbidden` where none is left. */
export function permitted(query: Query, actor: Actor, asked: Pick<Asked, 'admit'>): Permitted {
  let narrowest = actor
  const may = (type: string): boolean => {
    const one = actorFor(asked, type, 's')
    if (one?.within !== undefined) narrowest = one
    return one !== undefined
  }
  const criteria = query.criteria.map((one) => criterionFor(one, may))
  const filter = query.filter && filterFor(query.filter, may)
  return { query: { ...query, criteria, filter }, actor: narrowest }
}

function criterionFor(criterion: Criterion, may: (type: string) => boolean): Criterion {
  if (criterion.kind === 'has') {
    if (!may(criterion.type)) throw refused()
    return { ...criterion, criterion: criterionFor(criterion.criterion, may) }
  }
  if (criterion.kind !== 'chain') return criterion
  const to = criterion.to.filter(({ type }) => may(type))
  if (to.length === 0) throw refused()
  return {
    ...criterion,
    to: to.map(({ type, criterion, filter }) => ({
      ...{ type, criterion: criterionFor(criterion, may) },
      filter: filter && filterFor(filter, may),
    })),
  }
}

function filterFor(filter: Filter, may: (type: string) => boolean): Filter {
  if (filter.kind === 'criterion') return { ...filter, criterion: criterionFor(filter.criterion, may) }
  if (filter.kind === 'not') return { ...filter, of: filterFor(filter.of, may) }
  return { ...filter, left: filterFor(filter.left, may), right: filterFor(filter.right, may) }
}

const refused = () => new Problem('forbidden', 'The search goes through a type that you may not search.')

import type { Context } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { preferencesIn } from '../prefer.ts'
import { parseQuery } from '../query/parse-query.ts'
import type { Query } from '../query/query.ts'
import { searchParameter } from '../search-parameters.ts'
import { type Found, findResources } from '../store/find.ts'
import { findSeen } from '../store/find-seen.ts'
import { includedIn } from '../store/include.ts'
import { noteSeen } from '../store/note-seen.ts'
import { seerOf } from '../store/seer.ts'
import { resolveQuery } from '../terminology/resolve-query.ts'
import { terminologyIn } from '../terminology/terminology.ts'
import type { Asked, Face, Interaction } from './asked.ts'
import { bundleText, type EntryText, pageLinks } from './bundle-text.ts'
import { mayShow, permitted, permittedTypes } from './permitted.ts'
import { scoped } from './scoped.ts'
import { shownPart } from './shown-part.ts'

/**
 * hl7.org/fhir/R4/http.html#search, of a type or of several, also by POST and in a compartment: `Patient/1/Observation`, `Encounter/1/*`. There it finds what the
 * same parameters would find outside, so it shows nobody more.
 */
export const search: Interaction = async (ctx, asked, face) => {
  const { base } = face
  const of =
    asked.type === ''
      ? permittedTypes(asked, typesOf(asked.query, face), 's')
      : { types: [asked.type], actor: ctx.actor }
  const { query: open, actor } = permitted(understood(asked, of.types, face), of.actor, asked)
  const query = await resolveQuery(scoped(open, actor, base), terminologyIn(ctx.db))
  const seeing = { ...ctx, actor }
  const page: Shown = (await findSeen(seeing, query)) ?? (await findNoted(seeing, query, asked, face))
  const { rows, next, total, included = [] } = page
  const { compartment } = asked
  const path = (compartment === undefined ? [base, asked.type] : [base, compartment, asked.id, asked.type || '*'])
    .filter((part) => part !== '')
    .join('/')
  const entry =
    (mode: 'match' | 'include') =>
    (row: Match): EntryText => ({
      fullUrl: `${base}/${row.type}/${row.id}`,
      resource: shownPart(row.body, query),
      more: { search: { mode } },
    })
  return {
    status: 200,
    body: bundleText('searchset', {
      total,
      links: pageLinks(path, query.used, next),
      entries: [...rows.map(entry('match')), ...included.map(entry('include'))],
    }),
  }
}

type Match = Pick<Found, 'type' | 'id' | 'body'>

interface Shown {
  rows: readonly Match[]
  next: string | undefined
  total?: number | undefined
  included?: readonly Match[]
}

/** Any search, with what comes beside its matches; that these were seen is noted when they are known. */
async function findNoted(ctx: Context<unknown>, query: Query, asked: Asked, { base, types }: Face): Promise<Shown> {
  const seer = seerOf(ctx)
  const page = await ctx.database.apart(async (db) => {
    const found = await findResources(db, query, seer)
    const beside = { seer, base, mayShow: mayShow(asked, types) }
    return { ...found, included: await includedIn(db, found.rows, query, beside) }
  })
  await noteSeen(ctx, [...page.rows, ...page.included])
  return page
}

function understood(
  { type, compartment: of, id, query, headers }: Asked,
  types: readonly string[],
  { base }: Face,
): Query {
  const strict = preferencesIn(headers.prefer).handling === 'strict'
  const own = new URLSearchParams(query)
  const named = type === '' ? query.getAll('_type') : []
  if (type === '') own.delete('_type') // these are the types already
  const parsed = parseQuery(types, own, { base, strict, parameters: searchParameter })
  const used = new URLSearchParams([...named.map((value): [string, string] => ['_type', value]), ...parsed.used])
  const compartment = of === undefined ? [] : [{ kind: 'compartment', of, id } as const]
  return { ...parsed, used, criteria: [...parsed.criteria, ...compartment] }
}

/** `_type=Observation,Condition`; without it, all. */
export function typesOf(query: URLSearchParams, { types }: Face): readonly string[] {
  const wanted = query.getAll('_type').flatMap((value) => value.split(','))
  const unknown = wanted.filter((one) => !types.includes(one))
  if (unknown.length > 0)
    throw new Problem('invalid', 'A parameter is wrong; see the issues.', {
      errors: [{ pointer: '/query/_type', detail: 'must name types that can be searched here' }],
    })
  return wanted.length > 0 ? wanted : types
}

import type { Context } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { parseQuery } from '../query/parse-query.ts'
import type { Query } from '../query/query.ts'
import type { Resource } from '../resource.ts'
import { searchParameter } from '../search-parameters.ts'
import { findResources } from '../store/find.ts'
import { includedIn } from '../store/include.ts'
import { noteSeen } from '../store/note-seen.ts'
import { seerOf } from '../store/seer.ts'
import { subset } from '../subset.ts'
import { resolveQuery } from '../terminology/resolve-query.ts'
import { terminologyIn } from '../terminology/terminology.ts'
import type { Answer, Asked, Face, Interaction } from './asked.ts'
import { bundleText, type EntryText, type Link } from './bundle-text.ts'
import { actorFor, permitted } from './permitted.ts'

/** hl7.org/fhir/R4/http.html#search, of a type or of several, also in a patient's compartment and by POST. */
export const search: Interaction = (ctx, asked, face) => searchIn(ctx, asked, face, undefined)

/** `GET /Patient/1/Observation`: hl7.org/fhir/R4/compartmentdefinition-patient.html. */
export const searchCompartment: Interaction = (ctx, asked, face) => searchIn(ctx, asked, face, asked.id)

async function searchIn(ctx: Context<unknown>, asked: Asked, face: Face, patient: string | undefined): Promise<Answer> {
  const { base } = face
  const { query: asking, actor } = permitted(understood(asked, face, patient), ctx.actor, asked)
  const query = await resolveQuery(asking, terminologyIn(ctx.db))
  const seer = seerOf({ ...ctx, actor })
  const { rows, next, total } = await findResources(ctx.db, query, seer)
  const beside = await includedIn(ctx.db, rows, query, seer, base)
  const included = beside.filter(({ type }) => face.types.includes(type) && actorFor(asked, type, 'r'))
  await noteSeen(ctx, [...rows, ...included])
  const path = [base, ...(patient === undefined ? [] : ['Patient', patient]), asked.type]
    .filter((part) => part !== '')
    .join('/')
  const entry =
    (mode: 'match' | 'include') =>
    (row: { type: string; id: string; body: string }): EntryText => ({
      fullUrl: `${base}/${row.type}/${row.id}`,
      resource: shownPart(row.body, query),
      more: { search: { mode } },
    })
  return {
    status: 200,
    body: bundleText('searchset', {
      total,
      links: linksOf(path, query.used, next),
      entries: [...rows.map(entry('match')), ...included.map(entry('include'))],
    }),
  }
}

function understood(asked: Asked, face: Face, patient: string | undefined): Query {
  const { type, query, headers } = asked
  const types = type === '' ? typesOf(query, face).filter((one) => actorFor(asked, one, 's')) : [type]
  if (types.length === 0) throw new Problem('forbidden', 'None of the types is one that you may search.')
  const strict = /(^|[,;\s])handling=strict\b/.test(headers.prefer ?? '')
  const parsed = parseQuery(types, query, { base: face.base, strict, parameters: searchParameter })
  return patient === undefined
    ? parsed
    : { ...parsed, criteria: [...parsed.criteria, { kind: 'compartment', patient }] }
}

/** `_type=Observation,Condition`; without it, all. */
function typesOf(query: URLSearchParams, { types }: Face): readonly string[] {
  const wanted = query.getAll('_type').flatMap((value) => value.split(','))
  const unknown = wanted.filter((one) => !types.includes(one))
  if (unknown.length > 0)
    throw new Problem('invalid', 'A parameter is wrong; see the issues.', {
      errors: [{ pointer: '/query/_type', detail: 'must name types that can be searched here' }],
    })
  return wanted.length > 0 ? wanted : types
}

/** All of it, as it lies in the store, unless less was asked for. */
function shownPart(body: string, { summary, elements }: Query): string {
  if (summary === undefined && elements === undefined) return body
  return JSON.stringify(subset(JSON.parse(body) as Resource, { summary, elements }))
}

function linksOf(path: string, used: URLSearchParams, next: string | undefined): Link[] {
  const of = (relation: string, asked: URLSearchParams) => ({
    relation,
    url: asked.size > 0 ? `${path}?${asked}` : path,
  })
  if (next === undefined) return [of('self', used)]
  const onward = new URLSearchParams(used)
  onward.set('cursor', next)
  return [of('self', used), of('next', onward)]
}

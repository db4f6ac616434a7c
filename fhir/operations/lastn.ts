import type { FaceOperation } from '#platform/fhir-face.ts'
import type { Asked, Interaction } from '../interactions/asked.ts'
import { bundleText, pageLinks } from '../interactions/bundle-text.ts'
import { wrong } from '../interactions/page-asked.ts'
import { permitted } from '../interactions/permitted.ts'
import { nowhere } from '../interactions/read.ts'
import { preferencesIn } from '../prefer.ts'
import { parseQuery } from '../query/parse-query.ts'
import type { Query } from '../query/query.ts'
import { searchParameter } from '../search-parameters.ts'
import { lastOfEachCode } from '../store/last-n.ts'
import { noteSeen } from '../store/note-seen.ts'
import { seerOf } from '../store/seer.ts'
import { inputOf } from './input.ts'

/** hl7.org/fhir/R4/observation-operation-lastn.html: a search for observations, of which the newest of each code are shown. */
export const lastn: Interaction = async (ctx, asked, { base }) => {
  if (asked.type !== 'Observation') throw nowhere()
  const input = inputOf(asked)
  const most = mostIn(input)
  const own = new URLSearchParams([...input].filter(([name]) => name !== 'max'))
  const { query, actor } = permitted(understood(own, asked, base), ctx.actor, asked)
  const { rows, next } = await lastOfEachCode(ctx.db, query, most, seerOf({ ...ctx, actor }))
  await noteSeen({ ...ctx, actor }, rows)
  const used = new URLSearchParams([...query.used, ['max', String(most)]])
  return {
    status: 200,
    body: bundleText('searchset', {
      links: pageLinks(`${base}/Observation/$lastn`, used, next),
      entries: rows.map(({ type, id, body }) => ({
        fullUrl: `${base}/${type}/${id}`,
        resource: body,
        more: { search: { mode: 'match' } },
      })),
    }),
  }
}

function understood(own: URLSearchParams, { headers }: Asked, base: string): Query {
  const strict = preferencesIn(headers.prefer).handling === 'strict'
  const query = parseQuery(['Observation'], own, { base, strict, parameters: searchParameter })
  const names = new Set(query.criteria.map((one) => (one.kind === 'own' ? one.parameter.code : '')))
  if (!names.has('patient') && !names.has('subject')) throw wrong('patient', 'must be there, or subject')
  for (const [name, isThere] of NOT_TAKEN)
    if (isThere(query)) throw wrong(name, 'is not taken here: the newest of each code are shown, whole')
  return query
}

const NOT_TAKEN: readonly (readonly [name: string, isThere: (query: Query) => boolean])[] = [
  ['_sort', ({ sort }) => sort.length > 0],
  ['_include', ({ includes }) => includes.length > 0],
  ['_summary', ({ summary, count }) => summary !== undefined || count === 0],
  ['_elements', ({ elements }) => elements !== undefined],
  ['_total', ({ total }) => total !== 'none'],
]

/** 1 where nothing is said. */
function mostIn(input: URLSearchParams): number {
  const given = input.getAll('max')
  if (given.length > 1 || !/^[1-9]\d{0,3}$/.test(given[0] ?? '1')) throw wrong('max', 'must be a number from 1 to 9999')
  return Number(given[0] ?? 1)
}

export const lastnDefinition: FaceOperation = {
  id: 'Observation-lastn',
  name: 'LastN',
  description:
    'The newest observations of each code, newest first, of those that a search finds and that whoever asks may see. Every search parameter of Observation is taken.',
  ...{ affectsState: false, code: 'lastn', resource: ['Observation'], type: true, instance: false },
  parameter: [
    {
      ...{ name: 'patient', use: 'in', min: 0, max: '1', type: 'string' },
      documentation: 'As in a search; this or subject must be there',
    },
    { name: 'subject', use: 'in', min: 0, max: '1', type: 'string', documentation: 'As in a search' },
    { name: 'category', use: 'in', min: 0, max: '*', type: 'string', documentation: 'As in a search' },
    { name: 'code', use: 'in', min: 0, max: '*', type: 'string', documentation: 'As in a search' },
    { name: 'date', use: 'in', min: 0, max: '*', type: 'string', documentation: 'As in a search' },
    { name: 'max', use: 'in', min: 0, max: '1', type: 'positiveInt', documentation: 'How many of each code; 1' },
    { name: '_count', use: 'in', min: 0, max: '1', type: 'integer', documentation: 'Observations on a page' },
    { name: 'return', use: 'out', min: 1, max: '1', type: 'Bundle', documentation: 'A page of a searchset' },
  ],
}

import { Problem } from '#platform/errors.ts'
import { decodeCursor, encodeCursor } from '#platform/paging.ts'
import { noteSeen } from '../store/note-seen.ts'
import { readHistory, type Stored } from '../store/read.ts'
import { readSeen } from '../store/read-seen.ts'
import { seerOf } from '../store/seer.ts'
import type { Interaction } from './asked.ts'
import { bundleText, linksOf } from './bundle-text.ts'
import { actorForAll } from './permitted.ts'
import { nowhere } from './read.ts'

const MOST = 1_000
const USUAL = 50

/** hl7.org/fhir/R4/http.html#history: of one resource, of a type, of all types; newest first. */
export const history: Interaction = async (ctx, asked, face) => {
  const { base } = face
  const { type, id, query } = asked
  if (id !== '' && !(await readSeen(ctx, { type, id }))) throw nowhere()
  const limit = countOf(query)
  const [before] = decodeCursor(query.get('cursor') ?? undefined, ['integer']) ?? []
  const of = type === '' ? actorForAll(asked, ctx.actor, face.types) : { types: [type], actor: ctx.actor }
  const { page, hasMore } = await ctx.database.apart((db) =>
    readHistory(
      db,
      {
        types: of.types,
        ...(id !== '' && { id }),
        since: instantOf(query, '_since'),
        at: instantOf(query, '_at'),
        before: before as number | undefined,
        limit,
      },
      seerOf({ ...ctx, actor: of.actor }),
    ),
  )
  if (id === '') await noteSeen(ctx, page)
  const last = hasMore ? page.at(-1) : undefined
  const path = [base, type, id, '_history'].filter((part) => part !== '').join('/')
  return {
    status: 200,
    body: bundleText('history', {
      links: linksOf(path, query, last && encodeCursor([last.change])),
      entries: page.map((row) => entryOf(row, base)),
    }),
  }
}

function entryOf({ type, id, version, method, body, changed_at }: Stored, base: string) {
  const status = method === 'DELETE' ? '204' : version === 1 ? '201' : '200'
  return {
    fullUrl: `${base}/${type}/${id}`,
    resource: body ?? undefined,
    more: {
      request: { method, url: method === 'POST' ? type : `${type}/${id}` },
      response: { status, etag: `W/"${version}"`, lastModified: changed_at.toISOString() },
    },
  }
}

function countOf(query: URLSearchParams): number {
  const given = query.get('_count')
  if (given === null) return USUAL
  if (!/^\d{1,9}$/.test(given)) throw wrong('_count', 'must be a number')
  return Math.max(1, Math.min(Number(given), MOST))
}

function instantOf(query: URLSearchParams, name: '_since' | '_at'): Date | undefined {
  const given = query.get(name)
  if (given === null) return undefined
  const at = new Date(given.replace(/ (\d\d:\d\d)$/, '+$1')) // a plus that was not encoded
  if (!/^\d{4}-\d\d-\d\dT/.test(given) || Number.isNaN(at.getTime()))
    throw wrong(name, 'must be an instant with its offset, such as 2031-03-03T09:00:00Z')
  return at
}

const wrong = (name: string, detail: string) =>
  new Problem('invalid', 'A parameter is wrong; see the issues.', { errors: [{ pointer: `/query/${name}`, detail }] })

import { decodeCursor, encodeCursor } from '#platform/paging.ts'
import { noteSeen } from '../store/note-seen.ts'
import { readHistory, type Stored } from '../store/read.ts'
import { readSeen } from '../store/read-seen.ts'
import { seerOf } from '../store/seer.ts'
import type { Subset } from '../subset.ts'
import type { Interaction } from './asked.ts'
import { bundleText, pageLinks } from './bundle-text.ts'
import { countIn, instantIn, timeIn } from './page-asked.ts'
import { permittedTypes } from './permitted.ts'
import { nowhere } from './read.ts'
import { partIn, shownPart } from './shown-part.ts'

/** hl7.org/fhir/R4/http.html#history: of one resource, of a type, of all types; newest first. */
export const history: Interaction = async (ctx, asked, face) => {
  const { base } = face
  const { type, id, query } = asked
  if (id !== '' && !(await readSeen(ctx, { type, id }))) throw nowhere()
  const limit = countIn(query)
  const part = partIn(type, query)
  const [before] = decodeCursor(query.get('cursor') ?? undefined, ['integer']) ?? []
  const of = type === '' ? permittedTypes(asked, face.types, 's') : { types: [type], actor: ctx.actor }
  const { page, hasMore } = await ctx.database.apart((db) =>
    readHistory(
      db,
      {
        types: of.types,
        ...(id !== '' && { id }),
        since: instantIn(query, '_since'),
        at: timeIn(query, '_at'),
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
      links: pageLinks(path, query, last && encodeCursor([last.change])),
      entries: page.map((row) => entryOf(row, part, base)),
    }),
  }
}

function entryOf({ type, id, version, method, body, changed_at }: Stored, part: Subset, base: string) {
  const status = method === 'DELETE' ? '204' : version === 1 ? '201' : '200'
  return {
    fullUrl: `${base}/${type}/${id}`,
    resource: body === null ? undefined : shownPart(body, part),
    more: {
      request: { method, url: method === 'POST' ? type : `${type}/${id}` },
      response: { status, etag: `W/"${version}"`, lastModified: changed_at.toISOString() },
    },
  }
}

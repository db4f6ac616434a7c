import { linesOf, NDJSON, pagesOf, sendPublic } from '#fhir/publish.ts'
import type { Context } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import type { Exchange } from '#platform/service.ts'
import type { Tables } from './database.ts'
import { locationElements } from './projection/to-fhir.ts'
import * as queries from './queries/places.ts'

const PAGE = 200

/** Also those out of use: hours that were placed there stay. */
export async function publicLocations({ db, config }: Context<Tables>, exchange: Exchange): Promise<void> {
  if (!config.PUBLISH_FREE_TIMES) throw new Problem('not-found', 'Nothing is published here.')
  const pages = () => pagesOf((after, limit) => queries.placesById(db, after, limit), PAGE)
  return sendPublic(exchange, NDJSON, await queries.placesMark(db), () =>
    linesOf(pages(), (row) => ({
      ...{ resourceType: 'Location', id: row.id },
      ...locationElements(row, config.PUBLIC_URL),
    })),
  )
}

import { linesOf, NDJSON, pagesOf, sendPublic } from '#fhir/publish.ts'
import type { Context } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import type { Exchange } from '#platform/service.ts'
import type { Tables } from './database.ts'
import * as queries from './queries/places.ts'

const PAGE = 200

/** R4 Location, with what SMART Scheduling Links asks of it. An address is one line: it is kept as people write it. */
export const placeInFhir = (row: queries.PlaceRow, publicUrl: string) => ({
  resourceType: 'Location',
  id: row.id,
  identifier: [{ system: `${publicUrl}/v1/places`, value: row.id }],
  status: row.deactivated_at === null ? 'active' : 'inactive',
  name: row.name,
  telecom: [
    ...(row.phone === null ? [] : [{ system: 'phone', value: row.phone }]),
    { system: 'url', value: `${publicUrl}/v1/places/${row.id}` },
  ],
  address: { line: [row.address], city: row.city, country: row.country },
  position: { longitude: row.longitude, latitude: row.latitude },
})

/** Also those out of use: hours that were placed there stay. */
export async function publicLocations({ db, config }: Context<Tables>, exchange: Exchange): Promise<void> {
  if (!config.PUBLISH_FREE_TIMES) throw new Problem('not-found', 'Nothing is published here.')
  const pages = () => pagesOf((after, limit) => queries.placesById(db, after, limit), PAGE)
  return sendPublic(exchange, NDJSON, await queries.placesMark(db), () =>
    linesOf(pages(), (row) => placeInFhir(row, config.PUBLIC_URL)),
  )
}

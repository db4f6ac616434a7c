import { operation } from '#platform/operation.ts'

export const listPublicLocations = operation({
  id: 'listPublicLocations',
  method: 'GET',
  url: '/fhir/R4/bulk-publish/locations.ndjson',
  summary: 'Places where care is given, as FHIR R4 Locations, one on a line',
  description:
    'Of the feed that GET /fhir/R4/$bulk-publish names. With `If-None-Match` it answers 304 where nothing has changed.',
  access: 'public',
  perMinute: 30,
  download: 'application/fhir+ndjson',
  problems: ['not-found'],
})

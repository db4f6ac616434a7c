import { CalendarDate, Closed, operation } from '#platform/operation.ts'

const spec = 'SMART Scheduling Links (github.com/smart-on-fhir/smart-scheduling-links)'
const unchanged = 'With `If-None-Match` it answers 304 where nothing has changed.'
const open = { method: 'GET', access: 'public', perMinute: 30 } as const

export const readBulkManifest = operation({
  ...open,
  id: 'readBulkManifest',
  url: '/fhir/R4/$bulk-publish',
  summary: 'Where free times are published for everybody, as files',
  description: `${spec}. Of practitioners with a valid licence, in hours that are open to new patients at a place; without their names, and nothing of any patient. ${unchanged}`,
  download: 'application/json',
  problems: ['not-found'],
})
export const listPublicSchedules = operation({
  ...open,
  id: 'listPublicSchedules',
  url: '/fhir/R4/bulk-publish/schedules.ndjson',
  summary: 'Schedules that are published, one on a line',
  description: `${spec}. ${unchanged}`,
  download: 'application/fhir+ndjson',
  problems: ['not-found'],
})
export const listPublicSlots = operation({
  ...open,
  id: 'listPublicSlots',
  url: '/fhir/R4/bulk-publish/slots/:monday',
  summary: 'Free Slots of one week, one on a line',
  description: `${spec}. The week begins on a Monday at 0:00 UTC; of the weeks that the manifest names. ${unchanged}`,
  params: Closed({ monday: CalendarDate }),
  download: 'application/fhir+ndjson',
  problems: ['not-found'],
})

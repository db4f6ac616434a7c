export const READING = ['OPTIONS', 'GET', 'HEAD', 'PROPFIND', 'REPORT']
export const WRITING = [
  'PUT',
  'POST',
  'PATCH',
  'DELETE',
  'PROPPATCH',
  'MKCOL',
  'MKCALENDAR',
  'COPY',
  'MOVE',
  'LOCK',
  'UNLOCK',
]
export const METHODS = [...READING, ...WRITING]
export const WELL_KNOWN = '/.well-known/caldav'

export const CALDAV_ADDRESSES = [WELL_KNOWN, '/caldav', '/caldav/*'].map((url) => ({ url, methods: METHODS }))

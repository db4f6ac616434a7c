// Where others come who know nothing of the house: apart, since whoever only says what there is here loads nothing else.

export const LINK_URL = '/shl/:secret'
export const FILE_URL = '/shl-files/:token'
export const PAGE_URL = '/verify'

export const linkAddresses = [
  { url: LINK_URL, methods: ['GET', 'POST', 'OPTIONS'] },
  { url: FILE_URL, methods: ['GET', 'OPTIONS'] },
  { url: PAGE_URL, methods: ['GET'] },
]

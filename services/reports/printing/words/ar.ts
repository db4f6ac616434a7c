import type { Words } from './words.ts'

export const ar: Words = {
  born: 'تاريخ الميلاد',
  issuedBy: 'صادر عن',
  issuedOn: 'تاريخ الإصدار',
  issued: 'صدر في {when}',
  version: 'الإصدار {version}',
  page: 'صفحة {page} من {pages}',
  amended: 'عُدّل في {when}',
}

import type { Template } from './words/words.ts'

/** What kinds of messages there are; people choose by them what reaches them where. */
export const categories = [
  'appointments',
  'reminders',
  'mandates',
  'record',
  'work',
  'messages',
  'announcements',
  'account',
] as const
export type Category = (typeof categories)[number]

type What = Template extends `${infer W}.${string}` ? (Template extends `${W}.${string}` ? W : never) : never

const categoryOfEach: Readonly<Record<What, Category>> = {
  'appointment-booked': 'appointments',
  'appointment-rescheduled': 'appointments',
  'appointment-cancelled': 'appointments',
  'appointment-reminder': 'reminders',
  'appointments-reminder': 'reminders',
  'appointments-booked': 'appointments',
  'appointments-rescheduled': 'appointments',
  'appointments-cancelled': 'appointments',
  'waitlist-offer': 'appointments',
  'care-task': 'reminders',
  'mandate-granted': 'mandates',
  'mandate-accepted': 'mandates',
  'mandate-ending': 'mandates',
  'mandate-revoked': 'mandates',
  'record-opened': 'record',
  'record-merged': 'record',
  'record-unmerged': 'record',
  message: 'messages',
  'thread-message': 'messages',
  announcement: 'announcements',
  'care-plan-review': 'work',
  'webhook-disabled': 'work',
  'licence-verified': 'work',
  'licence-rejected': 'work',
  'licence-revoked': 'work',
  'licence-ending': 'work',
  'erasure-requested': 'account',
  'erasure-claimed': 'account',
  'export-ready': 'account',
  'password-changed': 'account',
  'texts-stopped': 'account',
  'texts-started': 'account',
}

/** Templates of earlier releases may wait: what is not known is treated as being about care. */
export function categoryOf(template: string): Category {
  const [what = ''] = template.split('.')
  return Object.hasOwn(categoryOfEach, what) ? categoryOfEach[what as What] : 'record'
}

/**
 * Whether it may go to an address that nobody has proved. What guards the account goes wherever its owner said; all else only to where a code has
 * reached them, since an address with a slip in it is somebody else's.
 */
export const needsProof = (template: string): boolean => categoryOf(template) !== 'account'

/** What somebody must hear whatever they asked for: of their account, and that their record was opened in an emergency. */
export const isCritical = (template: string): boolean =>
  categoryOf(template) === 'account' || template.startsWith('record-opened.')

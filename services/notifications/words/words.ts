/** What a message about an appointment says. Names and places are words for people; why somebody comes is never among them. */
export interface AppointmentParams {
  patient: string
  practitioner: string
  start: string
  end: string
  zone: string
  mode: 'in-person' | 'video' | 'phone'
  place?: string
  /** Of the appointment, as it was when this was written: tells a mail that another one has overtaken it. */
  sequence: number
}

/** A time that is offered to somebody who waits: until when, and which offer it is. */
export interface OfferParams extends AppointmentParams {
  offer: string
  answerBy: string
}

/** Several visits, in their order. */
export interface AppointmentsParams {
  /** Of the first. */
  start: string
  visits: readonly (AppointmentParams & { appointment: string })[]
}

/** What is to be done now, by its ids: they say what is still so when a message leaves later. */
export interface CareTaskParams {
  tasks: readonly string[]
}

export interface MandateParams {
  patient: string
  caregiver: string
}

/** What somebody wrote: it is read in the app alone, to the letter. */
export interface WrittenParams {
  text: string
  /** Who wrote it, and about whom: names for people, shown beside it. */
  from?: string
  about?: string
}

/** The templates, each with what it is filled from. The part after the dot is the reader's: a caregiver reads other words than a patient. */
export interface ParamsOf {
  'appointment-booked.patient': AppointmentParams
  'appointment-booked.caregiver': AppointmentParams
  'appointment-booked.practitioner': AppointmentParams
  'appointment-rescheduled.patient': AppointmentParams
  'appointment-rescheduled.caregiver': AppointmentParams
  'appointment-rescheduled.practitioner': AppointmentParams
  'appointment-cancelled.patient': AppointmentParams
  'appointment-cancelled.caregiver': AppointmentParams
  'appointment-cancelled.practitioner': AppointmentParams
  'appointment-reminder.patient': AppointmentParams
  'appointment-reminder.caregiver': AppointmentParams
  'appointments-booked.patient': AppointmentsParams
  'appointments-booked.caregiver': AppointmentsParams
  'appointments-booked.practitioner': AppointmentsParams
  'appointments-rescheduled.patient': AppointmentsParams
  'appointments-rescheduled.caregiver': AppointmentsParams
  'appointments-rescheduled.practitioner': AppointmentsParams
  'appointments-cancelled.patient': AppointmentsParams
  'appointments-cancelled.caregiver': AppointmentsParams
  'appointments-cancelled.practitioner': AppointmentsParams
  'waitlist-offer.patient': OfferParams
  'waitlist-offer.caregiver': OfferParams
  'appointments-reminder.patient': AppointmentsParams
  'appointments-reminder.caregiver': AppointmentsParams
  'mandate-granted.patient': MandateParams
  'mandate-granted.caregiver': MandateParams
  'mandate-accepted.patient': MandateParams
  'mandate-accepted.caregiver': MandateParams
  'mandate-ending.patient': MandateParams
  'mandate-ending.caregiver': MandateParams
  'mandate-revoked.patient': MandateParams
  'mandate-revoked.caregiver': MandateParams
  'record-opened.patient': { practitioner: string }
  'record-opened.caregiver': { practitioner: string; patient: string }
  'record-merged.patient': Record<never, never>
  'record-merged.caregiver': Record<never, never>
  'record-unmerged.patient': Record<never, never>
  'record-unmerged.caregiver': Record<never, never>
  'licence-verified.practitioner': Record<never, never>
  'licence-rejected.practitioner': Record<never, never>
  'licence-revoked.practitioner': Record<never, never>
  'erasure-requested.person': Record<never, never>
  'erasure-claimed.person': { createdAt: string; dueAt: string }
  'export-ready.person': Record<never, never>
  'password-changed.person': Record<never, never>
  'texts-stopped.person': Record<never, never>
  'texts-started.person': Record<never, never>
  'licence-ending.practitioner': { days: number }
  'message.patient': WrittenParams
  'message.caregiver': WrittenParams
  'announcement.person': WrittenParams
  'thread-message.patient': Record<never, never>
  'thread-message.caregiver': Record<never, never>
  'thread-message.practitioner': Record<never, never>
  'care-task.patient': CareTaskParams
  'care-task.caregiver': CareTaskParams
  'care-task.practitioner': CareTaskParams
  'care-plan-review.practitioner': Record<never, never>
  'webhook-disabled.administrator': { host: string; reason: 'failing' | 'gone' }
}
export type Template = keyof ParamsOf

/**
 * One message, in ICU MessageFormat. What may stand in braces is in said.ts; `title` and `short` may be read by anybody, so they name no person, no
 * place and no reason: scripts/words.ts sees to it.
 */
export interface Wording {
  readonly title: string
  readonly text: string
  /** For e-mail, which strangers may read on its way, where that should say less. */
  readonly mail?: string
  /** For a text or a push. The title, where there is none. */
  readonly short?: string
}

/** What messages are put together from, and what goes round them. */
export type Phrase =
  /** When something is, by which clock; and on the reader's own, where that is another. */
  | 'when'
  | 'when-both'
  /** Follows the time: by video or phone, or at which place. */
  | 'where'
  /** A line of a list. */
  | 'visit'
  /** A code to type; `spoken` is for a voice that reads it aloud. */
  | 'code.title'
  | 'code.text'
  | 'code.spoken'
  /** What can be done by a mail, each with its link. */
  | 'link.confirm'
  | 'link.move'
  | 'link.cancel'
  /** Of one of several visits. */
  | 'link.choose'
  | 'link.accept'
  | 'link.decline'
  /** Of a mail that holds all messages of a day. */
  | 'digest.title'
  /** What follows the text of every e-mail. */
  | 'footer.mail'
  /** What follows every text; how to end them is in each. */
  | 'footer.text'
  /** To who has written one of the words. */
  | 'answer.stop'
  | 'answer.start'
  | 'answer.help'
  /** The words that end and begin texts, as sms/keywords.ts knows them. */
  | 'word.stop'
  | 'word.start'
  /** Summary of the entry in a calendar, which others may see: nobody's name but the practitioner's. */
  | 'calendar.patient'
  | 'calendar.caregiver'
  | 'calendar.practitioner'

/** One language. */
export interface Words {
  readonly messages: { readonly [T in Template]: Wording }
  readonly phrases: { readonly [P in Phrase]: string }
}

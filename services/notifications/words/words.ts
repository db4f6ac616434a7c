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

/** Several visits of one day, in their order. */
export interface AppointmentsParams {
  /** Of the first. */
  start: string
  visits: readonly (AppointmentParams & { appointment: string })[]
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
  'webhook-disabled.administrator': { host: string; reason: 'failing' | 'gone' }
}
export type Template = keyof ParamsOf

export interface Text {
  title: string
  text: string
  /** For e-mail, which strangers may read on its way, where that should say less. */
  mail?: string
  /** For a text or a push, which anybody may see: no person, no place, no reason. The title, where there is none. */
  short?: string
}

/** One language. */
export type Words = { readonly [T in Template]: (params: ParamsOf[T]) => Text } & {
  /** A code to type; `spoken` is for a voice that reads it aloud. */
  readonly 'one-time-code': (params: { code: string; minutes: number; site: string }) => Text & { spoken: string }
  /** What can be done by a mail, each with its link. */
  readonly 'mail-links': (
    links: { [action in 'confirm' | 'cancel' | 'move' | 'accept' | 'decline']?: string },
  ) => string
  /** Of a mail that holds all messages of a day. */
  readonly 'digest-subject': (params: { count: number }) => string
  /** What follows every text; how to end them is in each. */
  readonly 'text-footer': (params: { url: string }) => string
  /** To who has written one of the words. */
  readonly 'text-answer': (params: { keyword: 'stop' | 'start' | 'help'; url: string }) => string
  /** What follows the text of every e-mail. */
  readonly 'mail-footer': (params: { url: string }) => string
  /** Summary of the entry in a calendar, which others may see: nobody's name but the practitioner's. */
  readonly 'calendar-entry.patient': (params: AppointmentParams) => string
  readonly 'calendar-entry.caregiver': (params: AppointmentParams) => string
  readonly 'calendar-entry.practitioner': (params: AppointmentParams) => string
}

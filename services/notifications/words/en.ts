import type { AppointmentParams, Words } from './words.ts'

const clock = (zone: string) =>
  new Intl.DateTimeFormat('en-GB', { timeZone: zone, dateStyle: 'full', timeStyle: 'short' })

/** "Monday 3 March 2031 at 09:00 (Accra time)": whoever travels must not have to guess whose clock is meant. */
function when({ start, zone }: AppointmentParams): string {
  const city = zone.split('/').at(-1)?.replaceAll('_', ' ')
  return `${clock(zone).format(new Date(start))} (${city} time)`
}

function where({ mode, place }: AppointmentParams): string {
  if (mode === 'video') return ', by video'
  if (mode === 'phone') return ', by phone'
  return place === undefined ? '' : `, at ${place}`
}

export const en: Words = {
  'appointment-booked.patient': (p) => ({
    title: 'Appointment booked',
    text: `Your appointment with ${p.practitioner} is on ${when(p)}${where(p)}.`,
  }),
  'appointment-booked.caregiver': (p) => ({
    title: 'Appointment booked',
    text: `The appointment of ${p.patient} with ${p.practitioner} is on ${when(p)}${where(p)}.`,
  }),
  'appointment-booked.practitioner': (p) => ({
    title: 'New appointment',
    text: `${p.patient} has an appointment with you on ${when(p)}${where(p)}.`,
    mail: `An appointment with you was booked for ${when(p)}${where(p)}. Sign in to see with whom.`,
  }),
  'appointment-rescheduled.patient': (p) => ({
    title: 'Appointment moved',
    text: `Your appointment with ${p.practitioner} was moved. It is now on ${when(p)}${where(p)}.`,
  }),
  'appointment-rescheduled.caregiver': (p) => ({
    title: 'Appointment moved',
    text: `The appointment of ${p.patient} with ${p.practitioner} was moved. It is now on ${when(p)}${where(p)}.`,
  }),
  'appointment-rescheduled.practitioner': (p) => ({
    title: 'Appointment moved',
    text: `The appointment of ${p.patient} with you was moved. It is now on ${when(p)}${where(p)}.`,
    mail: `An appointment with you was moved. It is now on ${when(p)}${where(p)}. Sign in to see with whom.`,
  }),
  'appointment-cancelled.patient': (p) => ({
    title: 'Appointment cancelled',
    text: `Your appointment with ${p.practitioner} on ${when(p)} was cancelled.`,
  }),
  'appointment-cancelled.caregiver': (p) => ({
    title: 'Appointment cancelled',
    text: `The appointment of ${p.patient} with ${p.practitioner} on ${when(p)} was cancelled.`,
  }),
  'appointment-cancelled.practitioner': (p) => ({
    title: 'Appointment cancelled',
    text: `The appointment of ${p.patient} with you on ${when(p)} was cancelled.`,
    mail: `An appointment with you on ${when(p)} was cancelled. Sign in to see with whom.`,
  }),
  'appointment-reminder.patient': (p) => ({
    title: 'Your appointment is near',
    text: `Your appointment with ${p.practitioner} is on ${when(p)}${where(p)}. If you cannot come, please cancel it, so that somebody else can have the time.`,
  }),
  'appointment-reminder.caregiver': (p) => ({
    title: 'An appointment is near',
    text: `The appointment of ${p.patient} with ${p.practitioner} is on ${when(p)}${where(p)}. If it cannot be kept, please cancel it, so that somebody else can have the time.`,
  }),
  'mandate-granted.patient': (p) => ({
    title: 'You gave a mandate',
    text: `${p.caregiver} may now act for you. You can withdraw this at any time.`,
  }),
  'mandate-granted.caregiver': (p) => ({
    title: 'You were given a mandate',
    text: `${p.patient} lets you act for them. Look at the mandate to see what it permits, and from when to when.`,
  }),
  'mandate-revoked.patient': (p) => ({
    title: 'A mandate has ended',
    text: `${p.caregiver} may no longer act for you.`,
  }),
  'mandate-revoked.caregiver': (p) => ({
    title: 'A mandate has ended',
    text: `You may no longer act for ${p.patient}.`,
  }),
  'licence-verified.practitioner': () => ({
    title: 'Licence verified',
    text: 'Your licence was verified. You can offer appointments now.',
  }),
  'licence-rejected.practitioner': () => ({
    title: 'Licence not accepted',
    text: 'Your licence could not be verified. Look at it to see why, and send it again.',
  }),
  'one-time-code': ({ code, minutes, site }) => ({
    title: 'Your code',
    text: `${code} is your code for ${site}. It works for ${minutes} minutes. Give it to nobody: we never ask for it. If you did not want one, you need not do anything.`,
    spoken: `Your code is: ${[...code].join(', ')}. Again: ${[...code].join(', ')}. Give it to nobody.`,
  }),
  'mail-footer': ({ url }) =>
    `See everything that concerns you at ${url}\nNobody reads answers to this address. If this message is not for you, please delete it.`,
  'calendar-entry.patient': (p) => `Appointment with ${p.practitioner}`,
  'calendar-entry.caregiver': (p) => `Appointment with ${p.practitioner} (for somebody you care for)`,
  'calendar-entry.practitioner': () => 'Appointment (sign in to see with whom)',
}

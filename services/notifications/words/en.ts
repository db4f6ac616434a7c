import type { AppointmentParams, AppointmentsParams, Words } from './words.ts'

const clock = (zone: string) =>
  new Intl.DateTimeFormat('en-GB', { timeZone: zone, dateStyle: 'full', timeStyle: 'short' })

/** "Monday 3 March 2031 at 09:00 (Accra time)": whoever travels must not have to guess whose clock is meant. */
function when({ start, zone }: AppointmentParams): string {
  const city = zone.split('/').at(-1)?.replaceAll('_', ' ')
  return `${clock(zone).format(new Date(start))} (${city} time)`
}

const first = (visits: AppointmentsParams['visits']): string => visits.slice(0, 1).map(when).join()

/** Of which clock matters little where days are meant. */
const day = (instant: string) =>
  new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', dateStyle: 'long' }).format(new Date(instant))

function where({ mode, place }: AppointmentParams): string {
  if (mode === 'video') return ', by video'
  if (mode === 'phone') return ', by phone'
  return place === undefined ? '' : `, at ${place}`
}

export const en: Words = {
  'appointment-booked.patient': (p) => ({
    title: 'Appointment booked',
    text: `Your appointment with ${p.practitioner} is on ${when(p)}${where(p)}.`,
    short: `You have an appointment on ${when(p)}.`,
  }),
  'appointment-booked.caregiver': (p) => ({
    title: 'Appointment booked',
    text: `The appointment of ${p.patient} with ${p.practitioner} is on ${when(p)}${where(p)}.`,
    short: `Somebody you care for has an appointment on ${when(p)}.`,
  }),
  'appointment-booked.practitioner': (p) => ({
    title: 'New appointment',
    text: `${p.patient} has an appointment with you on ${when(p)}${where(p)}.`,
    mail: `An appointment with you was booked for ${when(p)}${where(p)}. Sign in to see with whom.`,
    short: `An appointment with you was booked for ${when(p)}.`,
  }),
  'appointment-rescheduled.patient': (p) => ({
    title: 'Appointment moved',
    text: `Your appointment with ${p.practitioner} was moved. It is now on ${when(p)}${where(p)}.`,
    short: `Your appointment was moved. It is now on ${when(p)}.`,
  }),
  'appointment-rescheduled.caregiver': (p) => ({
    title: 'Appointment moved',
    text: `The appointment of ${p.patient} with ${p.practitioner} was moved. It is now on ${when(p)}${where(p)}.`,
    short: `An appointment of somebody you care for was moved. It is now on ${when(p)}.`,
  }),
  'appointment-rescheduled.practitioner': (p) => ({
    title: 'Appointment moved',
    text: `The appointment of ${p.patient} with you was moved. It is now on ${when(p)}${where(p)}.`,
    mail: `An appointment with you was moved. It is now on ${when(p)}${where(p)}. Sign in to see with whom.`,
    short: `An appointment with you was moved. It is now on ${when(p)}.`,
  }),
  'appointment-cancelled.patient': (p) => ({
    title: 'Appointment cancelled',
    text: `Your appointment with ${p.practitioner} on ${when(p)} was cancelled.`,
    short: `Your appointment on ${when(p)} was cancelled.`,
  }),
  'appointment-cancelled.caregiver': (p) => ({
    title: 'Appointment cancelled',
    text: `The appointment of ${p.patient} with ${p.practitioner} on ${when(p)} was cancelled.`,
    short: `An appointment of somebody you care for on ${when(p)} was cancelled.`,
  }),
  'appointment-cancelled.practitioner': (p) => ({
    title: 'Appointment cancelled',
    text: `The appointment of ${p.patient} with you on ${when(p)} was cancelled.`,
    mail: `An appointment with you on ${when(p)} was cancelled. Sign in to see with whom.`,
    short: `An appointment with you on ${when(p)} was cancelled.`,
  }),
  'appointment-reminder.patient': (p) => ({
    title: 'Your appointment is near',
    text: `Your appointment with ${p.practitioner} is on ${when(p)}${where(p)}. If you cannot come, please cancel it, so that somebody else can have the time.`,
    short: `Your appointment is on ${when(p)}. If you cannot come, please cancel it.`,
  }),
  'appointment-reminder.caregiver': (p) => ({
    title: 'An appointment is near',
    text: `The appointment of ${p.patient} with ${p.practitioner} is on ${when(p)}${where(p)}. If it cannot be kept, please cancel it, so that somebody else can have the time.`,
    short: `An appointment of somebody you care for is on ${when(p)}. If it cannot be kept, please cancel it.`,
  }),
  'appointments-reminder.patient': ({ visits }) => ({
    title: 'Your appointments are near',
    text: `You have ${visits.length} appointments:\n${visits.map((p) => `- with ${p.practitioner} on ${when(p)}${where(p)}`).join('\n')}\nIf you cannot come, please cancel, so that somebody else can have the time.`,
    short: `You have ${visits.length} appointments, the first on ${first(visits)}.`,
  }),
  'appointments-reminder.caregiver': ({ visits }) => ({
    title: 'Appointments are near',
    text: `${visits[0]?.patient} has ${visits.length} appointments:\n${visits.map((p) => `- with ${p.practitioner} on ${when(p)}${where(p)}`).join('\n')}\nIf they cannot be kept, please cancel, so that somebody else can have the time.`,
    short: `Somebody you care for has ${visits.length} appointments, the first on ${first(visits)}.`,
  }),
  'waitlist-offer.patient': (p) => ({
    title: 'A time has become free',
    text: `You can have an appointment with ${p.practitioner} on ${when(p)}${where(p)}. Nobody else can take it until ${when({ ...p, start: p.answerBy })}; please say yes or no before then.`,
  }),
  'waitlist-offer.caregiver': (p) => ({
    title: 'A time has become free',
    text: `${p.patient} can have an appointment with ${p.practitioner} on ${when(p)}${where(p)}. Nobody else can take it until ${when({ ...p, start: p.answerBy })}; please say yes or no before then.`,
  }),
  'mandate-granted.patient': (p) => ({
    title: 'You offered a mandate',
    text: `${p.caregiver} may act for you as soon as they accept. You can withdraw this at any time.`,
  }),
  'mandate-granted.caregiver': (p) => ({
    title: 'You are asked to act for somebody',
    text: `${p.patient} asks you to act for them. Look at the mandate to see what it permits, and from when to when; then accept it, or decline.`,
  }),
  'mandate-accepted.patient': (p) => ({
    title: 'Your mandate was accepted',
    text: `${p.caregiver} may now act for you. You can withdraw this at any time.`,
  }),
  'mandate-accepted.caregiver': (p) => ({
    title: 'You have a mandate',
    text: `You may now act for ${p.patient}.`,
  }),
  'mandate-ending.patient': (p) => ({
    title: 'A mandate ends soon',
    text: `${p.caregiver} may act for you for a few weeks more. If that is still right, give them a new mandate.`,
  }),
  'mandate-ending.caregiver': (p) => ({
    title: 'A mandate ends soon',
    text: `You may act for ${p.patient} for a few weeks more. If that is still right, they can give you a new mandate; a child who comes of age decides that alone.`,
  }),
  'mandate-revoked.patient': (p) => ({
    title: 'A mandate has ended',
    text: `${p.caregiver} may no longer act for you.`,
  }),
  'mandate-revoked.caregiver': (p) => ({
    title: 'A mandate has ended',
    text: `You may no longer act for ${p.patient}.`,
  }),
  'record-opened.patient': (p) => ({
    title: 'Your record was opened in an emergency',
    text: `${p.practitioner} opened your record in an emergency, for four hours. An administrator will look into it; if you think that it was not right, tell them.`,
    mail: 'Your record was opened in an emergency, for four hours. Sign in to see by whom. An administrator will look into it.',
  }),
  'record-opened.caregiver': (p) => ({
    title: 'A record was opened in an emergency',
    text: `${p.practitioner} opened the record of ${p.patient} in an emergency, for four hours. An administrator will look into it.`,
    mail: 'The record of somebody you care for was opened in an emergency, for four hours. Sign in to see whose. An administrator will look into it.',
  }),
  'record-merged.patient': () => ({
    title: 'Your record was joined with another',
    text: 'An administrator found that two records are of one person, you, and made them one. If you think that this is wrong, tell an administrator: it can be undone.',
  }),
  'record-merged.caregiver': () => ({
    title: 'A record was joined with another',
    text: 'An administrator found that two records are of one person, for whom you care, and made them one. If you think that this is wrong, tell an administrator: it can be undone.',
  }),
  'record-unmerged.patient': () => ({
    title: 'Your record was parted from another',
    text: 'Two records had been joined, and an administrator has parted them again. Look through yours; if something in it is not yours, or is missing, tell an administrator.',
  }),
  'record-unmerged.caregiver': () => ({
    title: 'A record was parted from another',
    text: 'Two records, one of them of a person for whom you care, had been joined, and an administrator has parted them again. If something is missing, tell an administrator.',
  }),
  'licence-verified.practitioner': () => ({
    title: 'Licence verified',
    text: 'Your licence was verified. You can offer appointments now.',
  }),
  'licence-rejected.practitioner': () => ({
    title: 'Licence not accepted',
    text: 'Your licence could not be verified. Look at it to see why, and send it again.',
  }),
  'licence-revoked.practitioner': () => ({
    title: 'Licence withdrawn',
    text: 'Your licence is no longer accepted, so you cannot practise by it here. Look at it to see why, and ask an administrator if you think that this is wrong.',
  }),
  'erasure-requested.person': () => ({
    title: 'Erasure was asked for',
    text: 'What is known of you here is going to be erased. If you did not want this, sign in and call it off.',
  }),
  'erasure-claimed.person': (p) => ({
    title: 'Erasure of your record was asked for',
    text: `On ${day(p.createdAt)}, before you took over your record here, an administrator asked for it to be erased. That will be done on ${day(p.dueAt)}. If you do not want this, sign in and call it off; if you do, you can confirm it.`,
  }),
  'export-ready.person': () => ({
    title: 'Your copy is ready',
    text: 'What you asked for can be fetched for some days. Sign in to do so.',
  }),
  'password-changed.person': () => ({
    title: 'Your password was changed',
    text: 'Wherever else you were signed in, you are signed out. If it was not you, sign in by a code or a passkey, choose another password, and look at your passkeys and sessions.',
  }),
  'texts-stopped.person': () => ({
    title: 'Texts to your phone were ended',
    text: 'Somebody wrote STOP from the phone that your account names, so no texts about care go there any more, for anybody who shares it. START, written from that phone, brings them back. Everything is still here.',
  }),
  'texts-started.person': () => ({
    title: 'Texts to your phone begin again',
    text: 'Somebody wrote START from the phone that your account names, so texts about care go there again.',
  }),
  'licence-ending.practitioner': ({ days }) => ({
    title: 'Your licence ends soon',
    text: `Your licence ends within ${days} days. Add the new one with its certificate; without it you are offered to nobody afterwards.`,
  }),
  'message.patient': ({ text }) => ({
    title: 'A message for you',
    text,
    mail: 'Somebody who treats you has written to you. Sign in to read it.',
    short: 'There is a message for you.',
  }),
  'message.caregiver': ({ text }) => ({
    title: 'A message about somebody you care for',
    text,
    mail: 'Somebody who treats a person for whom you care has written. Sign in to read it.',
    short: 'There is a message about somebody you care for.',
  }),
  'announcement.person': ({ text }) => ({
    title: 'An announcement',
    text,
    mail: 'There is an announcement. Sign in to read it.',
    short: 'There is an announcement.',
  }),
  'webhook-disabled.administrator': ({ host, reason }) => ({
    title: 'A webhook was turned off',
    text: `${host} ${reason === 'gone' ? 'says that it wants no more webhooks' : 'has taken no webhook for five days'}, so it gets none any more. Turn it on again when it works, and replay what was given up.`,
  }),
  'one-time-code': ({ code, minutes, site }) => ({
    title: 'Your code',
    text: `${code} is your code for ${site}. It works for ${minutes} minutes. Give it to nobody: we never ask for it. If you did not want one, you need not do anything.`,
    spoken: `Your code is: ${[...code].join(', ')}. Again: ${[...code].join(', ')}. Give it to nobody.`,
  }),
  'mail-links': ({ confirm, cancel, move, accept, decline }) =>
    [
      confirm && `To say that it stands: ${confirm}`,
      move && `To choose another time: ${move}`,
      cancel && `To cancel: ${cancel}`,
      accept && `Yes, take it: ${accept}`,
      decline && `No, leave it to others: ${decline}`,
    ]
      .filter(Boolean)
      .join('\n'),
  'digest-subject': ({ count }) => `${count} messages of today`,
  'text-footer': ({ url }) => `${url} STOP ends these texts.`,
  'text-answer': ({ keyword, url }) =>
    ({
      stop: `No more texts about care come to this phone. START brings them back. ${url}`,
      start: `Texts about care come to this phone again. STOP ends them. ${url}`,
      help: `Texts of ${url} about appointments. STOP ends them, START brings them back. In an emergency call your clinic or the emergency number.`,
    })[keyword],
  'mail-footer': ({ url }) =>
    `See everything that concerns you at ${url}\nNobody reads answers to this address. If this message is not for you, please delete it.`,
  'calendar-entry.patient': (p) => `Appointment with ${p.practitioner}`,
  'calendar-entry.caregiver': (p) => `Appointment with ${p.practitioner} (for somebody you care for)`,
  'calendar-entry.practitioner': () => 'Appointment (sign in to see with whom)',
}

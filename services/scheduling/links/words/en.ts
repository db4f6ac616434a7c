import type { Words } from './words.ts'

export const en: Words = {
  lang: 'en',
  when(start, zone) {
    const clock = new Intl.DateTimeFormat('en-GB', { timeZone: zone, dateStyle: 'full', timeStyle: 'short' })
    return `${clock.format(start)} (${zone.split('/').at(-1)?.replaceAll('_', ' ')} time)`
  },
  actions: {
    confirm: (when) => ({
      title: 'Will you come?',
      ask: `The appointment is on ${when}.`,
      button: 'Yes, it stands',
      done: `Thank you. The appointment on ${when} stands.`,
    }),
    cancel: (when) => ({
      title: 'Cancel the appointment?',
      ask: `The appointment is on ${when}. Once cancelled, somebody else can have the time.`,
      button: 'Cancel the appointment',
      done: `The appointment on ${when} is cancelled.`,
    }),
    move: (when) => ({
      title: 'Move the appointment?',
      ask: `The appointment is on ${when}. Choose another time.`,
      button: 'Move the appointment',
      done: `The appointment was moved. It is now on ${when}.`,
    }),
    accept: (when) => ({
      title: 'Take this time?',
      ask: `A time has become free: ${when}.`,
      button: 'Take it',
      done: `The appointment is booked for ${when}.`,
    }),
    decline: (when) => ({
      title: 'Leave this time to others?',
      ask: `A time has become free: ${when}. If you leave it to others, you keep your turn.`,
      button: 'Leave it to others',
      done: 'Thank you. You will hear of the next time that suits you.',
    }),
  },
  choose: 'Free times',
  noTimes: 'There is no other free time within two weeks of it.',
  refused: {
    title: 'This link does not work',
    text: 'It may have been used, the appointment may have changed since, or it may be too late. Sign in to see how things stand.',
  },
  failed: { title: 'This did not work' },
}

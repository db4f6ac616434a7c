import { diaryFacts, feedFacts } from './belongings.ts'
import { asking, bookers, desk, of, own, plain, type Rows } from './row.ts'
import type { Caller, World } from './world.ts'

// Of the room scheduling, as rows.ts of the others.

const hours = {
  zone: 'UTC',
  minutes: 30,
  modes: ['video'],
  specialities: ['cardiology'],
  hours: [{ day: 'mon', from: '09:00', until: '12:00' }],
  validFrom: '2031-05-01',
}
const serviceFacts = { code: 'first-visit', name: 'First visit', speciality: 'cardiology', minutes: 45 }
const wish = (ids: World['ids'], start: string) => ({ practitioner: ids.okello, patient: ids.saba, start })
const joint = ({ okello, colleague, saba }: World['ids'], start: string) => ({
  participants: [{ practitioner: okello }, { practitioner: colleague }],
  ...{ patient: saba, start },
})
const licensed: readonly Caller[] = ['holder', 'practitioner', 'treating']
const closed = { kind: 'withdraw', date: '2031-04-02' }
const policy = { cancel: 0, move: 0 }
const booked = 'somebody has booked in these hours: 409, and not for those who may not'
const staff: readonly Caller[] = ['holder', 'clerk']
const elsewhereOf = ({ emptyQueue }: World['ids']) => ({ queue: emptyQueue, reason: 'shorter-wait' })
const theDay: Record<string, Rows> = {
  arriveAppointment: of('today', [...bookers, ...staff], {}),
  fulfilAppointment: of('arrived', staff),
  markNoShow: of('begun', staff),
  undoAppointment: of('arrived', staff, { reason: 'other' }),
  listDay: { ...of('place', staff), shows: { of: ({ today }) => today, to: staff } },
  readDaySettings: of('place'),
  updateDaySettings: of('place', ['clerk'], { earlyMinutes: 60, lateMinutes: 10 }),
  createBoardKey: asking(({ place }) => ({ body: { place, name: 'Ground floor' } }), ['clerk']),
  listBoardKeys: of('place', ['clerk']),
  deleteBoardKey: { ...of('boardKey', ['clerk']), once: true },
  createQueue: asking(({ place }) => ({ body: { place, speciality: 'general-practice', minutes: 15 } }), ['clerk']),
  listQueues: of('place'),
  updateQueue: of('queue', staff, { letter: 'Z', name: 'Hearts', minutes: 20 }),
  deleteQueue: { ...of('emptyQueue', staff), once: true },
  createQueueEntry: asking(({ queue }) => ({ body: { queue, firstName: 'Sami' } }), staff),
  listQueueEntries: of('queue', staff),
  listOwnQueueEntries: { ...plain, shows: { of: ({ entry }) => entry, to: bookers } },
  readQueueEntry: of('entry', [...bookers, ...staff]),
  callNext: of('queue', staff, {}),
  stepQueueEntry: of('walkIn', staff, { step: 'finish' }),
  transferQueueEntry: asking((ids) => ({ params: { id: ids.walkIn }, body: elsewhereOf(ids) }), staff),
  updateQueueEntry: of('walkIn', staff, { priority: 'urgent', priorityReason: 'triage' }),
}
export const scheduling: Record<string, Rows> = {
  createSchedule: [
    asking(() => ({ body: hours }), licensed),
    asking(({ kept }) => ({ body: { practitioner: kept, ...hours } }), desk),
  ],
  readSchedule: [of('schedule', ['holder']), of('keptSchedule', desk)],
  listSchedules: [
    { ...asking(() => ({}), licensed), shows: { of: ({ schedule }) => schedule, to: ['holder'] } },
    {
      ...asking(({ kept }) => ({ query: `practitioner=${kept}` }), desk),
      shows: { of: ({ keptSchedule }) => keptSchedule, to: desk },
    },
  ],
  updateSchedule: [{ ...of('schedule', ['holder'], hours), never: booked }, of('keptSchedule', desk, hours)],
  deleteSchedule: [{ ...of('schedule', ['holder']), never: booked }, of('keptSchedule', desk)],
  createException: [of('schedule', ['holder'], closed), of('keptSchedule', desk, closed)],
  listExceptions: [of('schedule', ['holder']), of('keptSchedule', desk)],
  deleteException: [
    asking(({ schedule, exception }) => ({ params: { id: schedule, exception } }), ['holder']),
    asking(({ keptSchedule, keptException }) => ({ params: { id: keptSchedule, exception: keptException } }), desk),
  ],
  createHolidays: of('place', ['administrator', 'clerk'], { days: [{ date: '2031-04-07', name: 'A day' }] }),
  listHolidays: of('place'),
  deleteHoliday: {
    ...asking(({ place, holiday }) => ({ params: { id: place, holiday } }), ['administrator', 'clerk']),
    once: true,
  },
  listRebookings: {
    ...asking(({ okello }) => ({ query: `practitioner=${okello}` })),
    shows: { of: ({ appointment }) => appointment, to: ['holder', ...bookers] },
  },
  planRebookings: asking(({ okello }) => ({ body: { practitioner: okello } })),
  moveRebookings: asking(({ okello, appointment }) => ({
    body: { moves: [{ appointment, practitioner: okello, start: '2031-03-04T09:00:00Z' }] },
  })),
  createService: [
    asking(() => ({ body: serviceFacts }), licensed),
    asking(({ kept }) => ({ body: { practitioner: kept, ...serviceFacts } }), desk),
  ],
  readService: of('service'),
  listServices: of('okello'),
  updateService: of('service', ['holder'], { ...serviceFacts, code: 'vaccination' }),
  deleteService: of('service', ['holder']),
  createBusyCalendar: [
    asking(() => ({ body: diaryFacts }), licensed),
    asking(({ kept }) => ({ body: { practitioner: kept, ...diaryFacts } }), desk),
  ],
  listBusyCalendars: [
    { ...asking(() => ({}), licensed), shows: { of: ({ diary }) => diary, to: ['holder'] } },
    {
      ...asking(({ kept }) => ({ query: `practitioner=${kept}` }), desk),
      shows: { of: ({ keptDiary }) => keptDiary, to: desk },
    },
  ],
  createCalendarFeed: asking(() => ({ body: feedFacts })),
  listCalendarFeeds: { ...plain, shows: { of: ({ calendarFeed }) => calendarFeed, to: own } },
  deleteCalendarFeed: { ...of('calendarFeed', own), once: true },
  readCalendarFeed: asking(({ feedFile }) => ({ params: { feed: feedFile } })),
  readBusyCalendar: [of('diary', ['holder']), of('keptDiary', desk)],
  deleteBusyCalendar: [of('diary', ['holder']), of('keptDiary', desk)],
  findPractitioners: asking(() => ({ query: 'speciality=cardiology' })),
  listDays: of('okello'),
  listSlots: asking(({ okello }) => ({
    params: { id: okello },
    query: 'from=2031-03-03T00:00:00Z&until=2031-03-04T00:00:00Z',
  })),
  listCommonSlots: asking(({ okello, colleague }) => ({ query: `practitioner=${okello}&practitioner=${colleague}` })),
  createHold: asking((ids) => ({ body: wish(ids, '2031-03-03T11:00:00Z') }), [...bookers, 'holder']),
  deleteHold: of('hold', ['self']),
  bookAppointment: [
    asking((ids) => ({ body: wish(ids, '2031-03-03T12:00:00Z') }), [...bookers, 'holder']),
    asking((ids) => ({ body: joint(ids, '2031-03-13T12:00:00Z') }), bookers),
  ],
  bookFromPool: asking(
    ({ saba, okello }) => ({ body: { patient: saba, practitioners: [okello] } }),
    [...bookers, 'holder'],
  ),
  bookSeries: asking(
    (ids) => ({ body: { ...wish(ids, '2031-03-04T12:00:00Z'), rule: 'FREQ=WEEKLY;COUNT=2' } }),
    [...bookers, 'holder'],
  ),
  readSeries: of('series', [...bookers, 'holder']),
  cancelFollowing: of('inSeries', [...bookers, 'holder'], { reason: 'pat' }),
  rescheduleFollowing: of('inSeries', [...bookers, 'holder'], { start: '2031-03-11T14:00:00Z' }),
  readAppointment: of('appointment', [...bookers, 'holder']),
  listAppointments: {
    ...plain,
    shows: { of: ({ appointment }) => appointment, to: [...bookers, 'holder'] },
  },
  rescheduleAppointment: of('appointment', [...bookers, 'holder'], { start: '2031-03-03T13:00:00Z' }),
  readPractitionerPolicy: of('okello'),
  updatePractitionerPolicy: [of('okello', ['holder'], policy), of('kept', desk, policy)],
  readOrganisationPolicy: asking(({ organisation }) => ({ params: { id: organisation } })),
  updateOrganisationPolicy: of('organisation', desk, policy),
  createWaitlistEntry: asking(({ saba }) => ({ body: { patient: saba, speciality: 'cardiology' } }), bookers),
  readWaitlistEntry: of('waiting', [...bookers, 'holder', 'treating']),
  listWaitlistEntries: { ...plain, shows: { of: ({ waiting }) => waiting, to: [...bookers, 'holder'] } },
  prioritiseWaitlistEntry: of('waiting', ['holder', 'treating'], { priority: 'urgent', reason: 'referral' }),
  deleteWaitlistEntry: of('waiting', [...bookers, 'holder']),
  acceptWaitlistOffer: of('offer', bookers),
  declineWaitlistOffer: of('offer', bookers),
  readAccessReport: asking(
    ({ okello }) => ({ query: `practitioner=${okello}&from=2031-03&until=2031-03` }),
    ['administrator', 'holder'],
  ),
  cancelAppointment: [
    of('appointment', [...bookers, 'holder'], { reason: 'pat' }),
    of('shared', [...bookers, 'holder'], { reason: 'pat' }),
  ],
  declineAppointment: of('shared', ['holder']),
  ...theDay,
}

/** With the key that the world's settings name. */

import type { Caller, World } from './world.ts'
import { png } from './world.ts'

// A row for each operation: on what it is asked, and who of those whom their role lets call may do it there. Nobody who is not named gets further than 403 or 404.

export interface Ask {
  /** Into the places of the path. */
  params?: Record<string, string>
  query?: string
  body?: unknown
  upload?: Buffer
}

export interface Row {
  ask(ids: World['ids']): Ask
  /** Who may, beside the role; left out: whoever the role lets call. */
  who?: readonly Caller[]
  /** Of a list, which all of these may call: whose answer has it in it. Left out: no list of anybody's. */
  shows?: { of(ids: World['ids']): string; to: readonly Caller[] }
}

const plain: Row = { ask: () => ({}) }
const asking = (ask: Row['ask'], who?: readonly Caller[]): Row => ({ ask, ...(who && { who }) })
const of = (name: keyof World['ids'], who?: readonly Caller[], body?: unknown) =>
  asking((ids) => ({ params: { id: ids[name] }, ...(body !== undefined && { body }) }), who)

const bookers: readonly Caller[] = ['self', 'booking', 'full', 'guardian']
const readers: readonly Caller[] = ['self', 'seeing', 'full', 'guardian', 'treating', 'holder']
const hours = {
  zone: 'UTC',
  minutes: 30,
  modes: ['video'],
  specialities: ['cardiology'],
  hours: [{ day: 'mon', from: '09:00', until: '12:00' }],
  validFrom: '2031-05-01',
}
const patientFacts = { name: 'A B', birthDate: '1990-01-01', gender: 'female', language: 'en', zone: 'UTC' }
const practitionerFacts = { name: 'A B', gender: 'male', languages: ['en'], specialities: ['cardiology'] }
const licenceFacts = {
  number: 'TEST-2',
  issuer: 'Fictional Council',
  country: 'ZZ',
  validFrom: '2030-01-01',
  validUntil: '2040-01-01',
}
const placeFacts = {
  name: 'Harbour Clinic',
  address: '3 Quay Street',
  city: 'Port Selam',
  country: 'ZZ',
  latitude: 0.34,
  longitude: 6.73,
  zone: 'UTC',
}
const wish = (ids: World['ids'], start: string) => ({ practitioner: ids.okello, patient: ids.saba, start })
const elsewhere = { account: '018f3a5e-7c1b-7d2e-9f30-5a6b7c8d9e0f' }

const identity: Record<string, Row> = {
  createAccount: asking(() => ({ body: { userName: 'somebody.new', name: 'A B', password: 'salt-harbour-lantern' } })),
  createSession: asking(() => ({ body: { userName: 'nobody.here', password: 'salt-harbour-lantern' } })),
  readAccount: plain,
  updateAccount: asking(() => ({ body: { name: 'A B' } })),
  changePassword: asking(() => ({ body: { current: 'x', new: 'salt-harbour-lantern' } })),
  deleteAccount: plain,
  listSessions: plain,
  deleteCurrentSession: plain,
  deleteSession: asking(() => ({ params: { id: elsewhere.account } }), []),
  searchAccounts: asking(() => ({ query: 'userName=somebody' })),
  grantRole: asking(() => ({ params: { id: elsewhere.account }, body: { role: 'administrator' } }), []),
  revokeRole: asking(() => ({ params: { id: elsewhere.account, role: 'administrator' } }), []),
}

const registry: Record<string, Row> = {
  searchSpecialities: plain,
  createSpeciality: asking(() => ({ body: { code: 'test-medicine', display: 'Test medicine' } })),
  updateSpeciality: asking(() => ({ params: { code: 'cardiology' }, body: { display: 'Hearts' } })),
  searchPlaces: plain,
  readPlace: of('place'),
  createPlace: asking(() => ({ body: placeFacts })),
  updatePlace: of('place', undefined, { name: 'Other' }),
  createPractitioner: asking(() => ({ body: practitionerFacts })),
  listPractitioners: plain,
  readPractitioner: of('okello'),
  updatePractitioner: of('okello', ['holder', 'administrator'], { about: 'Hearts' }),
  uploadPhoto: asking(({ okello }) => ({ params: { id: okello }, upload: png }), ['holder']),
  readPhoto: of('okello'),
  createLicence: of('okello', ['holder'], licenceFacts),
  listLicences: of('okello', ['holder', 'administrator']),
  searchLicences: plain,
  updateLicence: of('licence', ['holder'], { number: 'TEST-3' }),
  uploadCertificate: asking(({ licence }) => ({ params: { id: licence }, upload: png }), ['holder']),
  readCertificate: of('licence', ['holder', 'administrator']),
  verifyLicence: of('licence', undefined, { decision: 'verified' }),
  createPatient: asking(() => ({ body: patientFacts })),
  listPatients: {
    ...plain,
    shows: { of: ({ saba }) => saba, to: ['self', 'paying', 'booking', 'seeing', 'full', 'guardian'] },
  },
  readPatient: of('saba', readers),
  updatePatient: of('saba', ['self'], { name: 'Saba T' }),
  createCaregiver: asking(() => ({ body: { name: 'A B', language: 'en' } })),
  readCaregiver: asking(() => ({ params: { id: elsewhere.account } }), []),
  updateCaregiver: asking(() => ({ params: { id: elsewhere.account }, body: { name: 'A B' } }), []),
  createMandate: asking(
    ({ saba }) => ({ body: { patient: saba, caregiverCode: 'ZZZZ-ZZZZ', powers: ['book'], evidence: 'Form 12' } }),
    ['self', 'guardian', 'administrator'],
  ),
  listMandates: {
    ...plain,
    shows: { of: ({ mandate }) => mandate, to: ['self', 'full', 'guardian', 'administrator'] },
  },
  readMandate: of('mandate', ['self', 'full', 'guardian', 'administrator']),
  acceptMandate: of('offered', ['proposed']),
  createGuardianship: asking(() => ({
    body: { child: { ...patientFacts, birthDate: '2024-01-01' }, evidence: 'A paper' },
  })),
  verifyMandate: of('guardianship'),
  readMandateSlip: of('mandate', ['self', 'full', 'guardian', 'administrator']),
  checkMandateSlip: asking(({ slip }) => ({ params: { code: slip } })),
  revokeMandate: of('mandate', ['self', 'full', 'guardian', 'administrator'], { reason: 'We moved apart' }),
  listConsentTexts: plain,
  listConsents: of('saba', ['self', 'guardian']),
  recordConsent: of('saba', ['self', 'guardian'], {
    purpose: 'research',
    category: 'general',
    decision: 'deny',
    textVersion: '2026-11',
  }),
  findInEmergency: asking(() => ({ body: { name: 'Saba Tesfaye', birthDate: '1987-06-05' } })),
  breakGlass: asking(({ saba }) => ({ body: { patient: saba, reason: 'Unconscious after an accident' } })),
  listBreakGlass: plain,
  reviewBreakGlass: of('breakGlass', undefined, { verdict: 'justified' }),
  readAccessLog: of('saba', ['self', 'seeing', 'full', 'guardian']),
}

const scheduling: Record<string, Row> = {
  createSchedule: asking(() => ({ body: hours })),
  readSchedule: of('schedule', ['holder']),
  listSchedules: { ...plain, shows: { of: ({ schedule }) => schedule, to: ['holder'] } },
  updateSchedule: of('schedule', ['holder'], hours),
  deleteSchedule: of('schedule', ['holder']),
  createException: of('schedule', ['holder'], { kind: 'withdraw', date: '2031-04-02' }),
  listExceptions: of('schedule', ['holder']),
  deleteException: asking(({ schedule, exception }) => ({ params: { id: schedule, exception } }), ['holder']),
  findPractitioners: asking(() => ({ query: 'speciality=cardiology' })),
  listSlots: asking(({ okello }) => ({ params: { id: okello }, query: 'from=2031-03-03&days=1' })),
  createHold: asking((ids) => ({ body: wish(ids, '2031-03-03T11:00:00Z') }), bookers),
  deleteHold: of('hold', ['self']),
  bookAppointment: asking((ids) => ({ body: wish(ids, '2031-03-03T12:00:00Z') }), bookers),
  readAppointment: of('appointment', [...bookers, 'holder']),
  listAppointments: {
    ...plain,
    shows: { of: ({ appointment }) => appointment, to: [...bookers, 'holder'] },
  },
  rescheduleAppointment: of('appointment', [...bookers, 'holder'], { start: '2031-03-03T13:00:00Z' }),
  cancelAppointment: of('appointment', [...bookers, 'holder'], { reason: 'pat' }),
}

const notifications: Record<string, Row> = {
  listNotifications: plain,
  markNotificationRead: asking(() => ({ params: { id: elsewhere.account } }), []),
  markAllRead: asking(() => ({ body: {} })),
}

export const rows: Readonly<Record<string, Row>> = { ...identity, ...registry, ...scheduling, ...notifications }

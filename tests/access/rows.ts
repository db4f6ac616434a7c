import { browserFacts, password, png, webhookFacts } from './belongings.ts'
import { asking, desk, of, own, plain, type Row, type Rows, readers } from './row.ts'
import { carePlans } from './rows-care-plans.ts'
import { careTasks } from './rows-care-tasks.ts'
import { consultations } from './rows-consultations.ts'
import { fhir } from './rows-fhir.ts'
import { prescriptions } from './rows-prescriptions.ts'
import { records } from './rows-records.ts'
import { reports } from './rows-reports.ts'
import { scheduling } from './rows-scheduling.ts'
import type { Caller, World } from './world.ts'

// A row for each operation: on what it is asked, and who of those whom their role lets call may do it there. Nobody who is not named gets further than 403 or 404.

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
const elsewhere = { account: '018f3a5e-7c1b-7d2e-9f30-5a6b7c8d9e0f' }

const identity: Record<string, Row> = {
  createAccount: asking(() => ({ body: { userName: 'somebody.new', name: 'A B', password: 'salt-harbour-lantern' } })),
  createSession: asking(({ newcomer }) => ({ body: { userName: newcomer, password } })),
  readAccount: plain,
  updateAccount: asking(() => ({ body: { name: 'A B' } })),
  changePassword: asking(() => ({ body: { current: password, new: 'salt-harbour-lantern' } })),
  deleteAccount: plain,
  listSessions: plain,
  deleteCurrentSession: plain,
  deleteSession: { ...of('session', ['self']), once: true },
  searchAccounts: asking(() => ({ body: { userName: 'somebody' } })),
  grantRole: of('newcomer', undefined, { role: 'administrator' }),
  revokeRole: asking(({ secondAdministrator }) => ({ params: { id: secondAdministrator, role: 'administrator' } })),
}

const registry: Record<string, Rows> = {
  searchSpecialities: plain,
  readSpeciality: asking(() => ({ params: { code: 'cardiology' } })),
  createSpeciality: asking(() => ({ body: { code: 'test-medicine', display: 'Test medicine', synonyms: [] } })),
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
  revokeLicence: of('verifiedLicence', undefined, { reason: 'Struck off by the council' }),
  createPatient: asking(() => ({ body: patientFacts })),
  listPatients: {
    ...plain,
    shows: { of: ({ saba }) => saba, to: ['self', 'paying', 'booking', 'seeing', 'full', 'guardian'] },
  },
  readPatient: of('saba', [...readers, 'administrator']),
  updatePatient: of('saba', ['self', 'guardian'], { name: 'Saba T' }),
  createCaregiver: asking(() => ({ body: { name: 'A B', language: 'en' } })),
  searchCaregivers: plain,
  readCaregiver: of('caregiver', ['full', 'self', 'administrator']),
  updateCaregiver: [
    of('caregiver', ['full'], { name: 'A B' }),
    of('caregiver', ['full', 'administrator'], { active: false }),
  ],
  createMandate: [
    asking(
      ({ saba, caregiverCode }) => ({ body: { patient: saba, caregiverCode, powers: ['book'], evidence: 'Form 12' } }),
      ['self', 'guardian', 'administrator'],
    ),
    asking(
      ({ registered: patient, caregiverCode }) => ({
        body: { patient, caregiverCode, powers: ['book'], evidence: 'Form 12' },
      }),
      ['clerk', 'administrator'],
    ),
  ],
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
  revokeMandate: of('mandate', ['self', 'full', 'administrator'], { reason: 'We moved apart' }),
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

const keepers: readonly Caller[] = ['clerk', 'administrator']
const csv = Buffer.from('key,name,birthDate,gender,language,zone\n2,C D,1991-01-01,male,en,UTC\n')

/** What opens here is a secret that was sent, or a device: services/identity/sign-in tries those. */
const apart = 'needs a secret that only its owner has'

const credentials: Record<string, Row> = {
  createApiKey: asking(() => ({ body: { name: 'Diary', scopes: ['user/Practitioner.s'] } })),
  listApiKeys: { ...plain, shows: { of: ({ apiKey }) => apiKey, to: own } },
  rotateApiKey: of('apiKey', own, {}),
  deleteApiKey: of('apiKey', own),
  createOAuthClient: asking(() => ({
    body: { name: 'Diary', redirectUris: ['https://app.example/'], scope: 'openid' },
  })),
  listOAuthClients: plain,
  updateOAuthClient: of('oauthClient', undefined, { name: 'Other' }),
  revokeOAuthClient: of('oauthClient'),
  listApps: plain,
  deleteApp: { ...of('app', ['self']), once: true },
  readSigningKeys: plain,
  createLaunch: asking(({ saba }) => ({ body: { patient: saba } }), readers),
  refreshSession: { ...asking(() => ({ body: { refreshToken: `ohcs_r_${'x'.repeat(43)}` } })), never: apart },
  updateSession: of('session', ['self'], { device: 'Phone' }),
  deleteSessions: plain,
  readTotp: plain,
  beginTotp: asking(() => ({ body: { password } })),
  confirmTotp: { ...asking(() => ({ body: { code: '123456' } })), never: apart },
  renewRecoveryCodes: { ...asking(() => ({ body: { code: '123456' } })), never: apart },
  removeTotp: { ...asking(() => ({ body: { code: '123456' } })), never: apart },
  answerSecondFactor: { ...asking(() => ({ body: { challenge: 'x'.repeat(43), code: '123456' } })), never: apart },
  requestCode: asking(() => ({ body: { email: 'nobody@example.org' } })),
  createSessionByCode: { ...asking(() => ({ body: { challenge: elsewhere.account, code: '123456' } })), never: apart },
  requestContactCode: { ...asking(() => ({ body: { kind: 'email' } })), never: 'their accounts name no address' },
  confirmContact: { ...asking(() => ({ body: { challenge: elsewhere.account, code: '123456' } })), never: apart },
  beginPasskey: asking(() => ({ body: {} })),
  createPasskey: { ...asking(() => ({ body: {} })), never: apart },
  listPasskeys: plain,
  updatePasskey: of('passkey', ['self'], { name: 'Key' }),
  deletePasskey: { ...of('passkey', ['self']), once: true },
  beginPasskeySession: asking(() => ({ body: {} })),
  createSessionByPasskey: { ...asking(() => ({ body: {} })), never: apart },
}

const number = { kind: 'tax', country: 'ZZ', value: 'TEST-654321' }
const privacy: Record<string, Row> = {
  createPatientIdentifier: of('saba', ['self', 'administrator'], number),
  listPatientIdentifiers: of('saba', [...readers, 'administrator']),
  deletePatientIdentifier: {
    ...asking(({ saba, identifier }) => ({ params: { id: saba, identifier } }), ['self', 'administrator']),
    once: true,
  },
  createPractitionerIdentifier: of('okello', ['holder', 'administrator'], number),
  listPractitionerIdentifiers: of('okello', ['holder', 'administrator']),
  deletePractitionerIdentifier: {
    ...asking(
      ({ okello, practitionerIdentifier }) => ({ params: { id: okello, identifier: practitionerIdentifier } }),
      ['holder', 'administrator'],
    ),
    once: true,
  },
  verifyIdentifier: of('identifier'),
  searchIdentifiers: asking(() => ({ body: { of: 'patient', ...number } })),
  revealIdentifier: of('identifier', ['self', 'administrator'], { purpose: 'legal-duty' }),
  requestErasure: asking(({ twin }) => ({ body: { patient: twin, reason: 'asked-on-paper' } }), ['administrator']),
  listErasures: plain,
  cancelErasure: of('erasure', ['self', 'administrator']),
  confirmErasure: of('erasure', own),
  readErasureReceipt: asking(({ erasure, receiptCode }) => ({ params: { id: erasure }, body: { code: receiptCode } })),
  requestExport: asking(({ saba }) => ({ body: { patient: saba } }), ['self', 'full', 'guardian']),
  listExports: { ...plain, shows: { of: (ids) => ids.export, to: own } },
  readExport: of('export', own),
  downloadExport: of('export', own),
}

const organisations: Record<string, Rows> = {
  searchOrganisations: plain,
  readOrganisation: of('organisation'),
  createOrganisation: asking(() => ({ body: { name: 'O', city: 'C', country: 'ZZ' } })),
  updateOrganisation: of('organisation', keepers, { name: 'Other' }),
  addMember: asking(
    ({ organisation, newcomer }) => ({ params: { id: organisation }, body: { account: newcomer, function: 'desk' } }),
    keepers,
  ),
  listMembers: of('organisation', keepers),
  endMembership: { ...asking(({ member }) => ({ params: { id: member } }), keepers), once: true },
  listOwnMemberships: { ...plain, shows: { of: ({ organisation }) => organisation, to: desk } },
  registerPatient: of('organisation', desk, patientFacts),
  searchRegisteredPatients: of('organisation', desk, { name: 'Liya' }),
  registerPractitioner: of('organisation', desk, practitionerFacts),
  listRegisteredPractitioners: of('organisation', desk),
  createPatientClaimCode: of('registered', keepers),
  createPractitionerClaimCode: [
    { ...of('okello', []), never: 'he signed up himself, so that no desk keeps him' },
    of('kept', desk),
  ],
  claimRecord: { ...asking(() => ({ body: { code: 'AAAA-AAAA-AAAA' } })), never: apart },
  createImport: asking(
    ({ organisation }) => ({ query: `organisation=${organisation}&kind=patients`, upload: csv }),
    keepers,
  ),
  listImports: asking(({ organisation }) => ({ query: `organisation=${organisation}` }), keepers),
  readImport: of('import', keepers),
  readImportFaults: of('import', keepers),
}

const profiles: Record<string, Row> = {
  createDonor: asking(() => ({ body: { name: 'A B', language: 'en' } })),
  readDonor: of('donorProfile', ['donor', 'administrator']),
  searchDonors: plain,
  updateDonor: of('donorProfile', ['donor'], { name: 'A C' }),
  createAdministrator: asking(() => ({ body: { name: 'A B', language: 'en' } })),
  readAdministrator: of('administratorProfile'),
  searchAdministrators: plain,
  updateAdministrator: of('administratorProfile', undefined, { active: false }), // the rest is the other one's
  uploadPatientPhoto: asking(({ saba }) => ({ params: { id: saba }, upload: png }), ['self', 'guardian']),
  readPatientPhoto: of('saba', readers),
  uploadCaregiverPhoto: asking(({ caregiver }) => ({ params: { id: caregiver }, upload: png }), ['full']),
  readCaregiverPhoto: of('caregiver', ['full', 'self']),
  uploadDonorPhoto: asking(({ donorProfile }) => ({ params: { id: donorProfile }, upload: png }), ['donor']),
  readDonorPhoto: of('donorProfile', ['donor', 'administrator']),
  uploadOrganisationPhoto: asking(({ organisation }) => ({ params: { id: organisation }, upload: png }), keepers),
  readOrganisationPhoto: of('organisation'),
  findDuplicatesAtDesk: of('organisation', desk, { name: 'Liya Abebe', birthDate: '2020-01-01' }),
  findPossibleDuplicates: asking(() => ({ body: { name: 'Saba Tesfaye', birthDate: '1987-06-05' } })),
  listDuplicates: plain,
  dismissDuplicate: of('duplicate', undefined, { reason: 'Twins; both were at the desk' }),
  createMerge: asking(({ twin, otherTwin }) => ({
    body: { survivor: twin, replaced: otherTwin, reason: 'Same person: passport seen' },
  })),
  readMerge: of('merge'),
  undoMerge: of('merge', undefined, { reason: 'Two people after all' }),
}

const fromProvider = (form: string) =>
  asking(() => ({ params: { provider: 'africastalking' }, query: 'key=let-us-in', upload: Buffer.from(form) }))

const wishes = [{ category: 'reminders', channel: 'email', wish: 'off' }]
const ofSaba = ({ saba }: World['ids']) => `patient=${saba}`
const carers: readonly Caller[] = ['booking', 'full', 'guardian']

/** As it was drafted, and for as many. */
const confirmed = (id: string, people: string) => ({
  params: { id },
  body: { version: 1, people: Number(people) },
})
const treating: readonly Caller[] = ['holder', 'treating']
const written = { category: 'general', text: 'Please come and see me' }
const toRole = { audience: 'role', role: 'donor', text: 'Thank you' }

const notifications: Record<string, Rows> = {
  createMessage: [
    asking(({ saba }) => ({ body: { audience: 'patient', patient: saba, ...written } }), treating),
    asking(() => ({ body: { audience: 'panel', ...written } }), ['holder', 'practitioner', 'treating']),
    asking(() => ({ body: toRole }), ['administrator']),
  ],
  listMessages: [
    { ...plain, shows: { of: ({ draft }) => draft, to: ['holder'] } },
    { ...plain, shows: { of: ({ announcement }) => announcement, to: ['administrator'] } },
  ],
  readMessage: [of('draft', ['holder']), of('announcement', ['administrator'])],
  updateMessage: [
    of('draft', ['holder'], { text: 'Please call me' }),
    of('announcement', ['administrator'], { text: 'Thank you all' }),
  ],
  sendMessage: [
    asking(({ draft, draftPeople }) => confirmed(draft, draftPeople), ['holder']),
    asking(({ announcement, announcementPeople }) => confirmed(announcement, announcementPeople), ['administrator']),
  ],
  stopMessage: [of('draft', ['holder']), of('announcement', ['administrator'])],
  listNotifications: plain,
  markNotificationRead: of('notification', ['self']),
  markAllRead: asking(() => ({ body: { until: 0 } })),
  readNotificationPreferences: [plain, asking((ids) => ({ query: ofSaba(ids) }), carers)],
  updateNotificationPreferences: [
    asking(() => ({ body: { wishes } })),
    asking((ids) => ({ query: ofSaba(ids), body: { wishes } }), carers),
  ],
  readPushKey: plain,
  createPushSubscription: asking(() => ({ body: { ...browserFacts, endpoint: 'https://127.0.0.1:9/another' } })),
  listPushSubscriptions: { ...plain, shows: { of: ({ browser }) => browser, to: own } },
  deletePushSubscription: { ...of('browser', own), once: true },
  createWebhook: asking(() => ({ body: webhookFacts })),
  listWebhooks: { ...plain, shows: { of: ({ webhook }) => webhook, to: ['administrator'] } },
  readWebhook: of('webhook'),
  updateWebhook: of('webhook', undefined, { description: 'Another diary' }),
  deleteWebhook: { ...of('webhook'), once: true },
  rotateWebhookSecret: of('webhook', undefined, {}),
  testWebhook: of('webhook'),
  listWebhookDeliveries: of('webhook'),
  replayWebhook: of('webhook', undefined, { since: '2031-03-01T08:00:00Z' }),
  listDeliveries: { ...plain, shows: { of: ({ delivery }) => delivery, to: ['administrator'] } },
  replayDelivery: { ...of('delivery'), once: true },
  listMessageTemplates: plain,
  previewMessageTemplate: asking(() => ({
    params: { template: 'appointment-booked.patient' },
    query: 'language=ar&channel=email',
  })),
  receiveTextReport: fromProvider('id=1&status=Success'),
  receiveText: fromProvider('id=1&from=%2B12025550199&text=STOP'),
}

export const rows: Readonly<Record<string, Rows>> = {
  ...identity,
  ...credentials,
  ...registry,
  ...privacy,
  ...organisations,
  ...profiles,
  ...scheduling,
  ...consultations,
  ...reports,
  ...carePlans,
  ...careTasks,
  ...prescriptions,
  ...fhir,
  ...records,
  ...notifications,
}

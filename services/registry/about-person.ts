import type { Context } from '#platform/context.ts'
import type { AboutPerson, Person } from '#platform/person.ts'
import type { Tables } from './database.ts'
import * as queries from './queries/about.ts'
import { replacedBy } from './queries/erasures.ts'

type Patient = Awaited<ReturnType<typeof queries.patientFacts>>[number]
type Caregiver = Awaited<ReturnType<typeof queries.caregiverFacts>>[number]
type Practitioner = Awaited<ReturnType<typeof queries.practitionerFacts>>[number]

/** Profiles, licences, numbers by their ends, mandates, and who looked at all that. */
export async function aboutPerson({ db }: Context<Tables>, person: Person): Promise<AboutPerson> {
  const { account = null, patient = null, practitioner = null, caregiver = null } = person
  const none = Promise.resolve([])
  const former = patient === null ? [] : await replacedBy(db, patient)
  const subjects = [
    ...(account === null ? [] : [`Account/${account}`]),
    ...(patient === null ? [] : [{ id: patient }, ...former].map(({ id }) => `Patient/${id}`)),
    ...(practitioner === null ? [] : [`Practitioner/${practitioner}`]),
    ...(caregiver === null ? [] : [`Caregiver/${caregiver}`]),
  ]
  const [
    patients,
    practitioners,
    caregivers,
    licences,
    identifiers,
    mandates,
    log,
    donors,
    administrators,
    consents,
    emergencies,
  ] = await Promise.all([
    patient === null ? none : queries.patientFacts(db, patient),
    practitioner === null ? none : queries.practitionerFacts(db, practitioner),
    caregiver === null ? none : queries.caregiverFacts(db, caregiver),
    practitioner === null ? none : queries.licenceFacts(db, practitioner),
    queries.identifierFacts(db, patient, practitioner),
    queries.mandateFacts(db, patient, caregiver),
    queries.accessLog(db, subjects, account),
    account === null ? none : queries.donorFacts(db, account),
    account === null ? none : queries.administratorFacts(db, account),
    patient === null ? none : queries.consentFacts(db, patient),
    patient === null ? none : queries.emergencyFacts(db, patient),
  ])
  return {
    data: {
      'Patient profile': patients,
      'Practitioner profile': practitioners,
      'Caregiver profile': caregivers,
      'Profile as donor': donors,
      'Profile as administrator': administrators,
      Licences: licences,
      'National, tax and insurance numbers': identifiers,
      Mandates: mandates,
      'What is permitted and refused': consents,
      'Opened in an emergency': emergencies,
      [`Who saw or changed it (the newest ${queries.LOG_ROWS})`]: log,
    },
    fhir: [...patients.map(fhirPatient), ...practitioners.map(fhirPractitioner), ...caregivers.map(fhirRelated)],
  }
}

// FHIR R4, as much of it as there is.

const telecom = ({ phone, email }: { phone: string | null; email: string | null }) =>
  phone === null && email === null
    ? {}
    : {
        telecom: [
          ...(phone === null ? [] : [{ system: 'phone', value: phone }]),
          ...(email === null ? [] : [{ system: 'email', value: email }]),
        ],
      }
const language = (code: string) => ({ language: { coding: [{ system: 'urn:ietf:bcp:47', code }] } })

const fhirPatient = (row: Patient) => ({
  resourceType: 'Patient',
  id: row.id,
  name: [{ text: row.name }],
  birthDate: row.birth_date,
  gender: row.gender,
  communication: [language(row.language)],
  ...telecom(row),
})

const fhirPractitioner = (row: Practitioner) => ({
  resourceType: 'Practitioner',
  id: row.id,
  name: [{ text: row.name }],
  gender: row.gender,
  communication: row.languages.map((code) => language(code).language),
})

/** A RelatedPerson needs a patient; one who cares for nobody is a Person. */
const fhirRelated = (row: Caregiver) => ({
  resourceType: 'Person',
  id: row.id,
  name: [{ text: row.name }],
  ...telecom(row),
})

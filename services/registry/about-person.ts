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
  const { account, patient, practitioner, caregiver } = person
  const [accounts, practitioners, caregivers] = [account, practitioner, caregiver].map(listOf) as [Ids, Ids, Ids]
  const patients = patient === undefined ? [] : [patient, ...(await replacedBy(db, patient)).map(({ id }) => id)]
  const asPatient = await queries.patientFacts(db, patients)
  const asPractitioner = await queries.practitionerFacts(db, practitioners)
  const asCaregiver = await queries.caregiverFacts(db, caregivers)
  const subjects = subjectsOf({
    Account: accounts,
    Patient: patients,
    Practitioner: practitioners,
    Caregiver: caregivers,
  })
  return {
    data: {
      'Patient profile': asPatient,
      'Practitioner profile': asPractitioner,
      'Caregiver profile': asCaregiver,
      'Profile as donor': await queries.donorFacts(db, accounts),
      'Profile as administrator': await queries.administratorFacts(db, accounts),
      Licences: await queries.licenceFacts(db, practitioners),
      'National, tax and insurance numbers': await queries.identifierFacts(db, patients, practitioners),
      Mandates: await queries.mandateFacts(db, patients, caregivers),
      'What is permitted and refused': await queries.consentFacts(db, patients),
      'Opened in an emergency': await queries.emergencyFacts(db, patients),
      'Work at desks': await queries.membershipFacts(db, accounts),
      'Codes to take a record over': await queries.claimCodeFacts(db, accounts, [...patients, ...practitioners]),
      [`Who saw or changed it (the newest ${queries.LOG_ROWS})`]: await queries.accessLog(
        db,
        subjects,
        account ?? null,
      ),
    },
    fhir: [...asPatient.map(fhirPatient), ...asPractitioner.map(fhirPractitioner), ...asCaregiver.map(fhirRelated)],
  }
}

type Ids = string[]
const listOf = (id: string | undefined): Ids => (id === undefined ? [] : [id])

const subjectsOf = (records: Record<string, Ids>): string[] =>
  Object.entries(records).flatMap(([type, ids]) => ids.map((id) => `${type}/${id}`))

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
  ...(row.replaced_by !== null && {
    active: false,
    link: [{ other: { reference: `Patient/${row.replaced_by}` }, type: 'replaced-by' }],
  }),
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

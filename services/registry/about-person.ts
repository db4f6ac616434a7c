import type { Context } from '#platform/context.ts'
import type { AboutPerson, Person } from '#platform/person.ts'
import type { Tables } from './database.ts'
import * as fhir from './person-fhir.ts'
import * as queries from './queries/about.ts'
import { replacedBy } from './queries/erasures.ts'

/** Profiles, licences, numbers by their ends, mandates, and who looked at all that. */
export async function aboutPerson({ db }: Context<Tables>, person: Person): Promise<AboutPerson> {
  const { account, patient, practitioner, caregiver } = person
  const [accounts, practitioners, caregivers] = [account, practitioner, caregiver].map(listOf) as [Ids, Ids, Ids]
  const patients = patient === undefined ? [] : [patient, ...(await replacedBy(db, patient)).map(({ id }) => id)]
  const asPatient = await queries.patientFacts(db, patients)
  const asPractitioner = await queries.practitionerFacts(db, practitioners)
  const asCaregiver = await queries.caregiverFacts(db, caregivers)
  const mandates = await queries.mandateFacts(db, patients, caregivers)
  const consents = await queries.consentFacts(db, patients)
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
      Mandates: mandates,
      'What is permitted and refused': consents,
      'Opened in an emergency': await queries.emergencyFacts(db, patients),
      'Work at desks': await queries.membershipFacts(db, accounts),
      'Codes to take a record over': await queries.claimCodeFacts(db, accounts, [...patients, ...practitioners]),
      [`Who saw or changed it (the newest ${queries.LOG_ROWS})`]: await queries.accessLog(
        db,
        subjects,
        account ?? null,
      ),
    },
    fhir: [
      ...asPatient.map(fhir.patientInFhir),
      ...asPractitioner.map(fhir.practitionerInFhir),
      ...asCaregiver.map(fhir.caregiverInFhir),
      ...mandates.map(fhir.mandateInFhir),
      ...fhir.consentsInFhir(consents),
    ],
  }
}

type Ids = string[]
const listOf = (id: string | undefined): Ids => (id === undefined ? [] : [id])

const subjectsOf = (records: Record<string, Ids>): string[] =>
  Object.entries(records).flatMap(([type, ids]) => ids.map((id) => `${type}/${id}`))

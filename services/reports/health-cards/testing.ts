import { type CryptoKey, calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from 'jose'
import type { Resource } from '#fhir/resource.ts'
import type { SigningKey } from '#platform/signing/keys.ts'

export interface Signer extends SigningKey {
  /** As it is published. */
  jwk: JWK
}

/** A key as the house makes them, without the house. */
export async function newSigner(): Promise<Signer> {
  const { publicKey, privateKey } = await generateKeyPair('ES256')
  const { kty, crv, x, y } = await exportJWK(publicKey)
  const jwk = { kty, crv, x, y } as JWK
  const kid = await calculateJwkThumbprint(jwk)
  return { kid, privateKey: privateKey as CryptoKey, jwk: { ...jwk, kid, use: 'sig', alg: 'ES256' } as JWK }
}

export const iss = 'https://openhcs.example'
export const now = new Date('2031-03-01T08:00:00Z')

export const amina: Resource = {
  resourceType: 'Patient',
  id: 'amina',
  meta: { versionId: '3' },
  text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">Amina</div>' },
  identifier: [{ system: 'https://openhcs.example/patients', value: '4711' }],
  name: [
    {
      id: 'n',
      use: 'official',
      text: 'Amina Wanjiru Okello',
      given: ['Amina', 'Wanjiru'],
      _given: [null, { extension: [{ url: 'https://openhcs.example/a', valueCode: 'c' }] }],
    },
  ],
  telecom: [{ system: 'phone', value: '+12025550147' }],
  birthDate: '1987-06-05',
}

const about = { reference: 'Patient/amina', display: 'Amina Okello' }

export const measles = (change: object = {}): Resource => ({
  resourceType: 'Immunization',
  id: 'i1',
  meta: { versionId: '1', tag: [{ code: 'x' }] },
  text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">Measles</div>' },
  extension: [{ url: 'https://openhcs.example/a', valueBoolean: true }],
  status: 'completed',
  vaccineCode: {
    text: 'Measles, mumps, rubella',
    coding: [
      { system: 'http://hl7.org/fhir/sid/cvx', code: '03', display: 'MMR', userSelected: true },
      { display: 'MMR only in words' },
    ],
  },
  patient: about,
  occurrenceDateTime: '2029-11-12',
  _occurrenceDateTime: { extension: [{ url: 'https://openhcs.example/b', valueCode: 'c' }] },
  primarySource: true,
  lotNumber: 'AB-12',
  site: { text: 'left arm' },
  performer: [
    { function: { text: 'nurse' }, actor: { reference: 'Practitioner/p', display: 'Lakeside Clinic' } },
    { actor: { reference: 'Practitioner/q' } },
  ],
  note: [{ text: 'Cried' }],
  ...change,
})

export const penicillin = (change: object = {}): Resource => ({
  resourceType: 'AllergyIntolerance',
  id: 'a1',
  clinicalStatus: {
    coding: [{ system: 'http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical', code: 'active' }],
  },
  criticality: 'high',
  code: { coding: [{ system: 'http://snomed.info/sct', code: '764146007', display: 'Penicillin' }] },
  patient: about,
  reaction: [
    {
      manifestation: [{ coding: [{ system: 'http://snomed.info/sct', code: '271807003' }] }],
      severity: 'moderate',
      description: 'rash',
    },
    { manifestation: [{ text: 'felt odd' }], severity: 'mild' },
  ],
  ...change,
})

export const metformin = (change: object = {}): Resource => ({
  resourceType: 'MedicationStatement',
  id: 'm1',
  status: 'active',
  medicationCodeableConcept: { coding: [{ system: 'http://www.whocc.no/atc', code: 'A10BA02' }], text: 'Metformin' },
  subject: about,
  dosage: [{ text: '500 mg with meals', asNeededBoolean: false, route: { text: 'by mouth' } }, { sequence: 2 }],
  ...change,
})

export const diabetes = (change: object = {}): Resource => ({
  resourceType: 'Condition',
  id: 'c1',
  verificationStatus: {
    coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-ver-status', code: 'confirmed' }],
  },
  code: { coding: [{ system: 'http://hl7.org/fhir/sid/icd-10', code: 'E11.9' }] },
  subject: about,
  onsetDateTime: '2024',
  ...change,
})

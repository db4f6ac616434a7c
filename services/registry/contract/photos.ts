import { IdParams, operation } from '#platform/operation.ts'

// Pictures of patients, caregivers, donors and organisations; of practitioners see practitioners.ts.

const up = {
  method: 'POST',
  params: IdParams,
  upload: { mediaTypes: ['image/jpeg', 'image/png', 'image/webp'] as string[], maxBytes: 5_242_880 },
} as const
const down = { method: 'GET', params: IdParams, download: 'image/*' } as const
const kept =
  'At most 5 MB and 25 million points. The content decides what it is, not the header. It is drawn anew: nothing else of the file is kept.'

export const uploadPatientPhoto = operation({
  ...up,
  id: 'uploadPatientPhoto',
  url: '/v1/patients/:id/photo',
  summary: 'Upload a photo of oneself as a patient',
  description: `Or at the desk that keeps the profile. ${kept}`,
  access: 'Patient.u',
})
export const readPatientPhoto = operation({
  ...down,
  id: 'readPatientPhoto',
  url: '/v1/patients/:id/photo',
  summary: 'Get the photo of a patient',
  description: 'By who may read the profile.',
  access: 'Patient.r',
})
export const uploadCaregiverPhoto = operation({
  ...up,
  id: 'uploadCaregiverPhoto',
  url: '/v1/caregivers/:id/photo',
  summary: 'Upload a photo of oneself as a caregiver',
  description: kept,
  access: 'signed-in',
})
export const readCaregiverPhoto = operation({
  ...down,
  id: 'readCaregiverPhoto',
  url: '/v1/caregivers/:id/photo',
  summary: 'Get the photo of a caregiver',
  description: 'By who may read the profile.',
  access: 'signed-in',
})
export const uploadDonorPhoto = operation({
  ...up,
  id: 'uploadDonorPhoto',
  url: '/v1/donors/:id/photo',
  summary: 'Upload a picture of oneself as a donor',
  description: kept,
  access: 'signed-in',
})
export const readDonorPhoto = operation({
  ...down,
  id: 'readDonorPhoto',
  url: '/v1/donors/:id/photo',
  summary: 'Get the picture of a donor',
  description: 'By who may read the profile.',
  access: 'signed-in',
})
export const uploadOrganisationPhoto = operation({
  ...up,
  id: 'uploadOrganisationPhoto',
  url: '/v1/organisations/:id/photo',
  summary: 'Upload the picture of an organisation',
  description: `By its managers and by administrators. ${kept}`,
  access: 'Organisation.u',
})
export const readOrganisationPhoto = operation({
  ...down,
  id: 'readOrganisationPhoto',
  url: '/v1/organisations/:id/photo',
  summary: 'Get the picture of an organisation',
  access: 'public',
})

import { type Route, route } from '#platform/service.ts'
import * as administrators from '../contract/administrators.ts'
import * as donors from '../contract/donors.ts'
import * as photos from '../contract/photos.ts'
import type { Tables } from '../database.ts'
import { createAdministrator, readAdministrator, searchAdministrators, updateAdministrator } from './administrators.ts'
import { createDonor, readDonor, searchDonors, updateDonor } from './donors.ts'
import { readPicture, uploadPicture } from './photos.ts'

export const profileRoutes: Route<Tables>[] = [
  route(donors.createDonor, (ctx, { body }) => createDonor(ctx, body)),
  route(donors.readDonor, (ctx, { params }) => readDonor(ctx, params.id)),
  route(donors.searchDonors, (ctx, { query }) => searchDonors(ctx, query)),
  route(donors.updateDonor, (ctx, { params, body, ifMatch }) => updateDonor(ctx, params.id, body, ifMatch)),
  route(administrators.createAdministrator, (ctx, { body }) => createAdministrator(ctx, body)),
  route(administrators.readAdministrator, (ctx, { params }) => readAdministrator(ctx, params.id)),
  route(administrators.searchAdministrators, (ctx, { query }) => searchAdministrators(ctx, query)),
  route(administrators.updateAdministrator, (ctx, { params, body, ifMatch }) =>
    updateAdministrator(ctx, params.id, body, ifMatch),
  ),
  route(photos.uploadPatientPhoto, (ctx, { params, upload, mediaType }) =>
    uploadPicture(ctx, 'patient', params.id, upload, mediaType),
  ),
  route(photos.readPatientPhoto, (ctx, { params }, exchange) => readPicture(ctx, 'patient', params.id, exchange)),
  route(photos.uploadCaregiverPhoto, (ctx, { params, upload, mediaType }) =>
    uploadPicture(ctx, 'caregiver', params.id, upload, mediaType),
  ),
  route(photos.readCaregiverPhoto, (ctx, { params }, exchange) => readPicture(ctx, 'caregiver', params.id, exchange)),
  route(photos.uploadDonorPhoto, (ctx, { params, upload, mediaType }) =>
    uploadPicture(ctx, 'donor', params.id, upload, mediaType),
  ),
  route(photos.readDonorPhoto, (ctx, { params }, exchange) => readPicture(ctx, 'donor', params.id, exchange)),
  route(photos.uploadOrganisationPhoto, (ctx, { params, upload, mediaType }) =>
    uploadPicture(ctx, 'organisation', params.id, upload, mediaType),
  ),
  route(photos.readOrganisationPhoto, (ctx, { params }, exchange) =>
    readPicture(ctx, 'organisation', params.id, exchange),
  ),
]

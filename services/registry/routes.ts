import { type Route, route } from '#platform/service.ts'
import { readAccessLog } from './access-log.ts'
import { breakGlass, findInEmergency, listBreakGlass, reviewBreakGlass } from './break-glass.ts'
import { findErased } from './bulk/find-erased.ts'
import { takeResources } from './bulk/take-resources.ts'
import { readPatientCard, readPatientFacts, readPatientNames, readPlaceCard, readPractitionerCard } from './cards.ts'
import { createCaregiver, readCaregiver, searchCaregivers, updateCaregiver } from './caregivers.ts'
import { readCertificate, uploadCertificate } from './certificates.ts'
import { consentTexts } from './consent-texts.ts'
import { listConsents, recordConsent } from './consents.ts'
import * as accessLog from './contract/access-log.ts'
import * as emergencies from './contract/break-glass.ts'
import * as caregivers from './contract/caregivers.ts'
import * as consents from './contract/consents.ts'
import * as auditEvents from './contract/fhir/audit-events.ts'
import * as fhirConsents from './contract/fhir/consents.ts'
import { matchPatients } from './contract/fhir/match.ts'
import { listPublicLocations } from './contract/fhir.ts'
import * as licences from './contract/licences.ts'
import * as mandates from './contract/mandates.ts'
import * as patients from './contract/patients.ts'
import * as places from './contract/places.ts'
import * as practitioners from './contract/practitioners.ts'
import * as specialities from './contract/specialities.ts'
import * as cards from './contract.ts'
import type { Tables } from './database.ts'
import { deskRoutes } from './desk/routes.ts'
import { duplicateRoutes } from './duplicates/routes.ts'
import { readAuditEvent, searchAuditEvents } from './fhir/audit-events.ts'
import { readConsent, searchConsents } from './fhir/consents.ts'
import { match } from './fhir/match.ts'
import { identifierRoutes } from './identifier-routes.ts'
import { importRoutes } from './imports/routes.ts'
import { createLicence, listLicences, searchLicences, updateLicence } from './licences.ts'
import { acceptMandate } from './mandates/accept-mandate.ts'
import { createMandate } from './mandates/create-mandate.ts'
import { createGuardianship, verifyMandate } from './mandates/guardianships.ts'
import { checkMandateSlip, readMandateSlip } from './mandates/mandate-slips.ts'
import { listMandates, readMandate, revokeMandate } from './mandates/mandates.ts'
import { createPatient, listPatients, readPatient, updatePatient } from './patients.ts'
import { readPhoto, uploadPhoto } from './photos.ts'
import { publicLocations } from './place-fhir.ts'
import { createPlace, readPlace, searchPlaces, updatePlace } from './places.ts'
import { createPractitioner, listPractitioners, readPractitioner, updatePractitioner } from './practitioners.ts'
import { privacyRoutes } from './privacy/routes.ts'
import { profileRoutes } from './profiles/routes.ts'
import { revokeLicence } from './revoke-licence.ts'
import { createSpeciality, readSpeciality, searchSpecialities, updateSpeciality } from './specialities.ts'
import { verifyLicence } from './verify-licence.ts'

export const routes: Route<Tables>[] = [
  route(specialities.searchSpecialities, (ctx, { query }) => searchSpecialities(ctx, query)),
  route(specialities.readSpeciality, (ctx, { params }) => readSpeciality(ctx, params.code)),
  route(specialities.createSpeciality, (ctx, { body }) => createSpeciality(ctx, body)),
  route(specialities.updateSpeciality, (ctx, { params, body, ifMatch }) =>
    updateSpeciality(ctx, params.code, body, ifMatch),
  ),
  route(places.searchPlaces, (ctx, { query }) => searchPlaces(ctx, query)),
  route(places.readPlace, (ctx, { params }) => readPlace(ctx, params.id)),
  route(listPublicLocations, (ctx, _input, exchange) => publicLocations(ctx, exchange)),
  route(places.createPlace, (ctx, { body }) => createPlace(ctx, body)),
  route(places.updatePlace, (ctx, { params, body, ifMatch }) => updatePlace(ctx, params.id, body, ifMatch)),
  route(practitioners.createPractitioner, (ctx, { body }) => createPractitioner(ctx, body)),
  route(practitioners.listPractitioners, (ctx, { query }) => listPractitioners(ctx, query)),
  route(practitioners.readPractitioner, (ctx, { params }) => readPractitioner(ctx, params.id)),
  route(practitioners.updatePractitioner, (ctx, { params, body, ifMatch }) =>
    updatePractitioner(ctx, params.id, body, ifMatch),
  ),
  route(practitioners.uploadPhoto, (ctx, { params, upload, mediaType }) =>
    uploadPhoto(ctx, params.id, upload, mediaType),
  ),
  route(practitioners.readPhoto, (ctx, { params }, exchange) => readPhoto(ctx, params.id, exchange)),
  route(licences.createLicence, (ctx, { params, body }) => createLicence(ctx, params.id, body)),
  route(licences.listLicences, (ctx, { params, query }) => listLicences(ctx, params.id, query)),
  route(licences.searchLicences, (ctx, { query }) => searchLicences(ctx, query)),
  route(licences.updateLicence, (ctx, { params, body, ifMatch }) => updateLicence(ctx, params.id, body, ifMatch)),
  route(licences.uploadCertificate, (ctx, { params, upload, mediaType }) =>
    uploadCertificate(ctx, params.id, upload, mediaType),
  ),
  route(licences.readCertificate, (ctx, { params }, exchange) => readCertificate(ctx, params.id, exchange)),
  route(licences.verifyLicence, (ctx, { params, body, ifMatch }) => verifyLicence(ctx, params.id, body, ifMatch)),
  route(licences.revokeLicence, (ctx, { params, body, ifMatch }) =>
    revokeLicence(ctx, params.id, body.reason, ifMatch),
  ),
  route(patients.createPatient, (ctx, { body }) => createPatient(ctx, body)),
  route(patients.listPatients, (ctx, { query }) => listPatients(ctx, query)),
  route(patients.readPatient, (ctx, { params }) => readPatient(ctx, params.id)),
  route(patients.updatePatient, (ctx, { params, body, ifMatch }) => updatePatient(ctx, params.id, body, ifMatch)),
  route(caregivers.createCaregiver, (ctx, { body }) => createCaregiver(ctx, body)),
  route(caregivers.searchCaregivers, (ctx, { query }) => searchCaregivers(ctx, query)),
  route(caregivers.readCaregiver, (ctx, { params }) => readCaregiver(ctx, params.id)),
  route(caregivers.updateCaregiver, (ctx, { params, body, ifMatch }) => updateCaregiver(ctx, params.id, body, ifMatch)),
  route(mandates.createMandate, (ctx, { body }) => createMandate(ctx, body)),
  route(mandates.listMandates, (ctx, { query }) => listMandates(ctx, query)),
  route(mandates.readMandate, (ctx, { params }) => readMandate(ctx, params.id)),
  route(mandates.acceptMandate, (ctx, { params }) => acceptMandate(ctx, params.id)),
  route(mandates.createGuardianship, (ctx, { body }) => createGuardianship(ctx, body)),
  route(mandates.verifyMandate, (ctx, { params, ifMatch }) => verifyMandate(ctx, params.id, ifMatch)),
  route(mandates.readMandateSlip, (ctx, { params }, exchange) => readMandateSlip(ctx, params.id, exchange)),
  route(mandates.checkMandateSlip, (ctx, { params }) => checkMandateSlip(ctx, params.code)),
  route(mandates.revokeMandate, (ctx, { params, body }) => revokeMandate(ctx, params.id, body.reason)),
  route(consents.listConsentTexts, async () => ({ items: [...consentTexts] })),
  route(consents.listConsents, (ctx, { params }) => listConsents(ctx, params.id)),
  route(consents.recordConsent, (ctx, { params, body }) => recordConsent(ctx, params.id, body)),
  route(emergencies.findInEmergency, (ctx, { body }) => findInEmergency(ctx, body)),
  route(emergencies.breakGlass, (ctx, { body }) => breakGlass(ctx, body)),
  route(emergencies.listBreakGlass, (ctx, { query }) => listBreakGlass(ctx, query)),
  route(emergencies.reviewBreakGlass, (ctx, { params, body, ifMatch }) =>
    reviewBreakGlass(ctx, params.id, body, ifMatch),
  ),
  route(auditEvents.readFhirAuditEvent, (ctx, { params }) => readAuditEvent(ctx, params.id)),
  route(auditEvents.searchFhirAuditEvents, (ctx, { query }, { request }) =>
    searchAuditEvents(ctx, query, request.headers.prefer),
  ),
  route(fhirConsents.readFhirConsent, (ctx, { params }) => readConsent(ctx, params.id)),
  route(fhirConsents.searchFhirConsents, (ctx, { query }, { request }) =>
    searchConsents(ctx, query, request.headers.prefer),
  ),
  route(matchPatients, (ctx, { body }) => match(ctx, body)),
  route(accessLog.readAccessLog, (ctx, { params, query }) => readAccessLog(ctx, params.id, query)),
  ...identifierRoutes,
  ...privacyRoutes,
  ...deskRoutes,
  ...profileRoutes,
  ...importRoutes,
  route(cards.readPractitionerCard, (ctx, { params }) => readPractitionerCard(ctx, params.id)),
  route(cards.readPlaceCard, (ctx, { params }) => readPlaceCard(ctx, params.id)),
  route(cards.readPatientFacts, (ctx, { body }) => readPatientFacts(ctx, body)),
  route(cards.readPatientNames, (ctx, { body }) => readPatientNames(ctx, body.patients)),
  route(cards.findErasedPatients, (ctx, { body }) => findErased(ctx, body)),
  route(cards.takeResources, (ctx, { body }) => takeResources(ctx, body)),
  route(cards.readPatientCard, (ctx, { params }) => readPatientCard(ctx, params.id)),
  ...duplicateRoutes,
]

import { type Route, route } from '#platform/service.ts'
import * as organisations from '../contract/organisations.ts'
import * as registrations from '../contract/registrations.ts'
import type { Tables } from '../database.ts'
import { claimRecord, createClaimCode } from './claims.ts'
import { addMember, endMembership, listMembers, listOwnMemberships } from './memberships.ts'
import { createOrganisation, readOrganisation, searchOrganisations, updateOrganisation } from './organisations.ts'
import * as registered from './registrations.ts'

export const deskRoutes: Route<Tables>[] = [
  route(organisations.searchOrganisations, (ctx, { query }) => searchOrganisations(ctx, query)),
  route(organisations.readOrganisation, (ctx, { params }) => readOrganisation(ctx, params.id)),
  route(organisations.createOrganisation, (ctx, { body }) => createOrganisation(ctx, body)),
  route(organisations.updateOrganisation, (ctx, { params, body, ifMatch }) =>
    updateOrganisation(ctx, params.id, body, ifMatch),
  ),
  route(organisations.addMember, (ctx, { params, body }) => addMember(ctx, params.id, body)),
  route(organisations.listMembers, (ctx, { params, query }) => listMembers(ctx, params.id, query)),
  route(organisations.endMembership, (ctx, { params }) => endMembership(ctx, params.id)),
  route(organisations.listOwnMemberships, (ctx, { query }) => listOwnMemberships(ctx, query)),
  route(registrations.registerPatient, (ctx, { params, body }) => registered.registerPatient(ctx, params.id, body)),
  route(registrations.searchRegisteredPatients, (ctx, { params, body, query }) =>
    registered.searchRegisteredPatients(ctx, params.id, body, query),
  ),
  route(registrations.registerPractitioner, (ctx, { params, body }) =>
    registered.registerPractitioner(ctx, params.id, body),
  ),
  route(registrations.listRegisteredPractitioners, (ctx, { params, query }) =>
    registered.listRegisteredPractitioners(ctx, params.id, query),
  ),
  route(registrations.createPatientClaimCode, (ctx, { params }) => createClaimCode(ctx, 'patient', params.id)),
  route(registrations.createPractitionerClaimCode, (ctx, { params }) =>
    createClaimCode(ctx, 'practitioner', params.id),
  ),
  route(registrations.claimRecord, (ctx, { body }) => claimRecord(ctx, body)),
]

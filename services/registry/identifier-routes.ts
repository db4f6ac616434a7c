import { type Route, route } from '#platform/service.ts'
import * as contract from './contract/identifiers.ts'
import type { Tables } from './database.ts'
import {
  createIdentifier,
  deleteIdentifier,
  listIdentifiers,
  revealIdentifier,
  searchIdentifiers,
  verifyIdentifier,
} from './identifiers.ts'

export const identifierRoutes: Route<Tables>[] = [
  route(contract.createPatientIdentifier, (ctx, { params, body }) => createIdentifier(ctx, 'patient', params.id, body)),
  route(contract.listPatientIdentifiers, (ctx, { params, query }) => listIdentifiers(ctx, 'patient', params.id, query)),
  route(contract.deletePatientIdentifier, (ctx, { params }) =>
    deleteIdentifier(ctx, 'patient', params.id, params.identifier),
  ),
  route(contract.createPractitionerIdentifier, (ctx, { params, body }) =>
    createIdentifier(ctx, 'practitioner', params.id, body),
  ),
  route(contract.listPractitionerIdentifiers, (ctx, { params, query }) =>
    listIdentifiers(ctx, 'practitioner', params.id, query),
  ),
  route(contract.deletePractitionerIdentifier, (ctx, { params }) =>
    deleteIdentifier(ctx, 'practitioner', params.id, params.identifier),
  ),
  route(contract.verifyIdentifier, (ctx, { params }) => verifyIdentifier(ctx, params.id)),
  route(contract.searchIdentifiers, (ctx, { body }) => searchIdentifiers(ctx, body)),
  route(contract.revealIdentifier, (ctx, { params, body }) => revealIdentifier(ctx, params.id, body.purpose)),
]

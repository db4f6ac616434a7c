import { capabilitiesOf } from '#fhir/capabilities.ts'
import { FHIR_ADDRESSES, mountFhir } from '#fhir/router.ts'
import {
  clinicalTypes,
  definitionTypes,
  directoryTypes,
  personTypes,
  recordTypes,
  sharedTypes,
} from '#platform/access.ts'
import { FHIR_BASE } from '#platform/capability-statement.ts'
import type { Service } from '#platform/service.ts'
import { aboutPerson } from './about-person.ts'
import { erase } from './erase.ts'
import { subscriptions } from './subscriptions.ts'

const types = [...recordTypes, ...definitionTypes]
/** What registry keeps in the store: served here, and written there. */
const projected = [...personTypes, ...directoryTypes]

export const records: Service = {
  name: 'records',
  purpose:
    'What is known of patients: conditions, observations, allergies, medicines, immunisations, procedures, documents; and what is defined for all: value sets, code systems, questionnaires, plans',
  resources: types,
  routes: [],
  aboutPerson,
  erase,
  events: [],
  subscriptions,
  jobs: [],
  mount: (scope, ground) =>
    scope.register((own) =>
      mountFhir(own, ground, {
        base: `${ground.config.PUBLIC_URL}${FHIR_BASE}`,
        types: [...types, ...projected],
        projected: new Set(projected),
        clinical: new Set(clinicalTypes),
        shared: new Set(sharedTypes),
        writer: { relationships: ['treatment', 'break-glass', 'author'] },
      }),
    ) as unknown as Promise<void>,
  mountedAt: FHIR_ADDRESSES,
  fhir: capabilitiesOf([...types, ...projected], new Set(projected)),
  migrations: new URL('./migrations/', import.meta.url),
}

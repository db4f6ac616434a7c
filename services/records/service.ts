import { capabilitiesOf } from '#fhir/capabilities.ts'
import { FHIR_ADDRESSES, mountFhir } from '#fhir/router.ts'
import type { Ground, Service } from '#platform/service.ts'
import { aboutPerson } from './about-person.ts'
import { erase } from './erase.ts'
import { faceOf, projected, types, writtenOf } from './face.ts'
import { jobs } from './jobs.ts'
import { routes } from './routes.ts'
import { subscriptions } from './subscriptions.ts'
import type { RecordsTables } from './tables.ts'
import { mountWebsocket, WEBSOCKET } from './websocket/routes.ts'
import { close, drain } from './websocket/sockets.ts'

export const records: Service<RecordsTables> = {
  name: 'records',
  purpose:
    'What is known of patients: conditions, observations, allergies, medicines, immunisations, procedures, documents; and what is defined for all: value sets, code systems, questionnaires, plans',
  resources: types,
  routes,
  aboutPerson,
  erase,
  events: [],
  subscriptions,
  jobs,
  async mount(scope, ground) {
    mountWebsocket(scope, ground)
    await scope.register((own) => mountFhir(own, ground as unknown as Ground, faceOf(ground.config, ground.keepers)))
  },
  mountedAt: [...FHIR_ADDRESSES, { url: WEBSOCKET, methods: ['GET'] }],
  drain,
  close,
  fhir: { ...capabilitiesOf([...types, ...projected], writtenOf), websocket: WEBSOCKET },
  migrations: new URL('./migrations/', import.meta.url),
}

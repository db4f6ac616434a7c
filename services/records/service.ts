import { faceOf } from '#fhir/face.ts'
import { mountFhir } from '#fhir/router.ts'
import type { Ground, Service } from '#platform/service.ts'
import { aboutPerson } from './about-person.ts'
import { erase } from './erase.ts'
import { jobs } from './jobs.ts'
import { outline } from './outline.ts'
import { routes } from './routes.ts'
import { subscriptions } from './subscriptions.ts'
import type { RecordsTables } from './tables.ts'
import { mountWebsocket } from './websocket/routes.ts'
import { close, drain } from './websocket/sockets.ts'

export const records: Service<RecordsTables> = {
  ...outline,
  routes,
  aboutPerson,
  erase,
  subscriptions,
  jobs,
  async mount(scope, ground) {
    mountWebsocket(scope, ground)
    await scope.register((own) => mountFhir(own, ground as unknown as Ground, faceOf(ground.config, ground.keepers)))
  },
  drain,
  close,
}

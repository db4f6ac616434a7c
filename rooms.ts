import type { Config } from '#platform/config.ts'
import { elsewhere, type Outline } from '#platform/outline.ts'
import type { AnyService } from '#platform/service.ts'
import { outline as carePlans } from '#services/care-plans/outline.ts'
import { outline as consultations } from '#services/consultations/outline.ts'
import { outline as identity } from '#services/identity/outline.ts'
import { outline as notifications } from '#services/notifications/outline.ts'
import { outline as records } from '#services/records/outline.ts'
import { outline as registry } from '#services/registry/outline.ts'
import { outline as reports } from '#services/reports/outline.ts'
import { outline as scheduling } from '#services/scheduling/outline.ts'

type Room = readonly [Outline, load: () => Promise<AnyService>]

/** Every room, by hand, with where the whole of it is. Migrations run in this order. */
const rooms: readonly Room[] = [
  [identity, async () => (await import('#services/identity/service.ts')).identity],
  [registry, async () => (await import('#services/registry/service.ts')).registry],
  [scheduling, async () => (await import('#services/scheduling/service.ts')).scheduling],
  [records, async () => (await import('#services/records/service.ts')).records],
  [consultations, async () => (await import('#services/consultations/service.ts')).consultations],
  [reports, async () => (await import('#services/reports/service.ts')).reports],
  [carePlans, async () => (await import('#services/care-plans/service.ts')).carePlans],
  [notifications, async () => (await import('#services/notifications/service.ts')).notifications],
]

export const outlines: readonly Outline[] = rooms.map(([outline]) => outline)

/** Every room as a process sees it: whole those that it serves, all without a setting. */
export const roomsFor = ({ services }: Pick<Config, 'services'>): Promise<AnyService[]> =>
  Promise.all(
    rooms.map(([outline, load]) =>
      services.length === 0 || services.includes(outline.name) ? load() : elsewhere(outline),
    ),
  )

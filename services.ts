import type { AnyService } from '#platform/service.ts'
import { identity } from '#services/identity/service.ts'
import { notifications } from '#services/notifications/service.ts'
import { records } from '#services/records/service.ts'
import { registry } from '#services/registry/service.ts'
import { scheduling } from '#services/scheduling/service.ts'

/** Every room of the house, by hand. Migrations run in this order. */
export const everything: readonly AnyService[] = [identity, registry, scheduling, records, notifications]

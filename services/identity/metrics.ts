import type { Metrics } from '#platform/metrics.ts'
import type { Tables } from './database.ts'
import { brokenSealsSince, oldestUnsealed } from './queries/audit.ts'

const WEEK = 7 * 86_400_000

export const metrics: Metrics<Tables> = {
  names: {
    openhcs_audit_unsealed_seconds: { help: 'For how long the oldest row of the audit has waited for its seal' },
    openhcs_audit_broken_seals: { help: 'Seals that were found broken at one look, the most of the last seven days' },
  },
  async read(db, now) {
    const oldest = await oldestUnsealed(db)
    const broken = await brokenSealsSince(db, new Date(now.getTime() - WEEK))
    return {
      openhcs_audit_unsealed_seconds: [{ value: oldest ? (now.getTime() - oldest.getTime()) / 1_000 : 0 }],
      openhcs_audit_broken_seals: broken === null ? [] : [{ value: broken }],
    }
  },
}

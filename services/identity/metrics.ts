import type { Metrics } from '#platform/metrics.ts'
import type { Tables } from './database.ts'
import { auditRoom, brokenSealsSince, oldestUnsealed } from './queries/audit.ts'

const WEEK = 7 * 86_400_000

export const metrics: Metrics<Tables> = {
  names: {
    openhcs_audit_unsealed_seconds: { help: 'For how long the oldest row of the audit has waited for its seal' },
    openhcs_audit_broken_seals: { help: 'Seals that were found broken at one look, the most of the last seven days' },
    openhcs_audit_rows_in_net: { help: 'Rows of the audit that found no partition; 10,000 stands for that or more' },
    openhcs_audit_ids_ahead: { help: 'Rows of the audit for which there are partitions already' },
  },
  async read(db, now) {
    const oldest = await oldestUnsealed(db)
    const broken = await brokenSealsSince(db, new Date(now.getTime() - WEEK))
    const room = await auditRoom(db)
    return {
      openhcs_audit_unsealed_seconds: [{ value: oldest ? (now.getTime() - oldest.getTime()) / 1_000 : 0 }],
      openhcs_audit_broken_seals: broken === null ? [] : [{ value: broken }],
      openhcs_audit_rows_in_net: [{ value: room.in_net }],
      openhcs_audit_ids_ahead: [{ value: room.ids_ahead }],
    }
  },
}

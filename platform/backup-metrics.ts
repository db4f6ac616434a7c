import { sql } from 'kysely'
import type { Metrics } from './metrics.ts'

/** What `openhcs backup` has noted: migrations/0006_backup.sql and 0011_unsaved_since.sql. Backups of a provider are not in it. */
export const backupMetrics: Metrics = {
  names: {
    openhcs_last_backup_age_seconds: { help: 'Age of the newest backup or, while there is none, of the installation' },
  },
  async read(db) {
    const { rows } = await sql<{ value: number }>`
      select extract(epoch from now() - platform.unsaved_since())::float8 as value`.execute(db)
    return { openhcs_last_backup_age_seconds: rows }
  },
}

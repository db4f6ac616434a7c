import type { Metrics } from '#platform/metrics.ts'
import type { Tables } from './database.ts'
import { licencesEnding, licencesPending } from './queries/licences.ts'

/** Long enough to renew one. */
const DAYS = 30

export const metrics: Metrics<Tables> = {
  names: {
    openhcs_licences_expiring: { help: `Verified licences that end within ${DAYS} days, and are followed by none` },
    openhcs_licences_pending: { help: 'Licences that wait for an administrator; 10,000 stands for that or more' },
  },
  async read(db, now) {
    const ending = await licencesEnding(db, now, new Date(now.getTime() + DAYS * 86_400_000))
    const pending = await licencesPending(db)
    return {
      openhcs_licences_expiring: [{ value: ending }],
      openhcs_licences_pending: [{ value: pending }],
    }
  },
}

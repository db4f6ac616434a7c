import type { Metrics } from '#platform/metrics.ts'
import { strayCounts } from './queries/metrics.ts'
import type { SchedulingTables } from './tables.ts'

/** With the waits between them, three readings that fail are an hour and three quarters. */
const FAILURES = 3

export const metrics: Metrics<SchedulingTables> = {
  names: {
    openhcs_busy_calendars_failing: {
      help: `Calendars elsewhere that could not be read ${FAILURES} times in a row; what was last read still blocks`,
    },
    openhcs_visits_outside_hours: {
      help: 'Visits ahead that a change of hours left outside of them, or that somebody who gives them declined, and nobody has moved',
    },
  },
  async read(db, now) {
    const { failing, outside } = await strayCounts(db, { failures: FAILURES, now })
    return { openhcs_busy_calendars_failing: [{ value: failing }], openhcs_visits_outside_hours: [{ value: outside }] }
  },
}

import type { Metrics } from '#platform/metrics.ts'
import { deliveryState } from './queries/deliveries.ts'
import type { NotificationsTables } from './tables.ts'

export const metrics: Metrics<NotificationsTables> = {
  names: {
    openhcs_deliveries: {
      help: 'Messages that are due, were given up, and could not be delivered within the last day; 10,000 stands for that or more',
      labels: ['channel', 'status'],
    },
    openhcs_deliveries_oldest_queued_seconds: {
      help: 'For how long the oldest message of the channel has been due',
      labels: ['channel'],
    },
  },
  async read(db, now) {
    const states = await deliveryState(db, { now, since: new Date(now.getTime() - 86_400_000) })
    return {
      openhcs_deliveries: states.flatMap((state) =>
        (['queued', 'failed', 'dead'] as const).map((status) => ({
          labels: { channel: state.channel, status },
          value: state[status],
        })),
      ),
      openhcs_deliveries_oldest_queued_seconds: states.map(({ channel, oldest }) => ({
        labels: { channel },
        value: oldest ? (now.getTime() - oldest.getTime()) / 1_000 : 0,
      })),
    }
  },
}

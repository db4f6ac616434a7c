import type { Metrics } from '#platform/metrics.ts'
import { deliveryState } from './queries/deliveries.ts'
import { pushOutcomes } from './queries/push.ts'
import { webhookOutcomes } from './queries/webhooks.ts'
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
    openhcs_push_deliveries: {
      help: 'Messages to browsers of the last day, by what became of them; 10,000 stands for that or more',
      labels: ['status'],
    },
    openhcs_webhook_deliveries: {
      help: 'What other systems were to be told of within the last day, by what became of it; 10,000 stands for that or more',
      labels: ['status'],
    },
  },
  async read(db, now) {
    const since = new Date(now.getTime() - 86_400_000)
    const states = await deliveryState(db, { now, since })
    const outcomes = (all: readonly { status: string; count: number }[]) =>
      all.map(({ status, count }) => ({ labels: { status }, value: count }))
    return {
      openhcs_push_deliveries: outcomes(await pushOutcomes(db, since)),
      openhcs_webhook_deliveries: outcomes(await webhookOutcomes(db, since)),
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

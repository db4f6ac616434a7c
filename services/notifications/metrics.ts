import type { Metrics } from '#platform/metrics.ts'
import { emailState } from './queries.ts'
import type { NotificationsTables } from './tables.ts'

export const metrics: Metrics<NotificationsTables> = {
  names: {
    openhcs_emails: {
      help: 'Mails that wait, and those of the last day that could not be sent; 10,000 stands for that or more',
      labels: ['status'],
    },
    openhcs_emails_oldest_queued_seconds: { help: 'For how long the oldest mail has waited' },
  },
  async read(db, now) {
    const { queued, failed, oldest } = await emailState(db, new Date(now.getTime() - 86_400_000))
    return {
      openhcs_emails: [
        { labels: { status: 'queued' }, value: queued },
        { labels: { status: 'failed' }, value: failed },
      ],
      openhcs_emails_oldest_queued_seconds: [{ value: oldest ? (now.getTime() - oldest.getTime()) / 1_000 : 0 }],
    }
  },
}

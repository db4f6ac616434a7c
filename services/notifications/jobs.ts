import type { Job } from '#platform/jobs.ts'
import { escalate } from './escalation/escalate.ts'
import { forget } from './forget.ts'
import { sendMessage } from './people/send-message.ts'
import { remind } from './reminders/remind.ts'
import { deliver, sendDigest } from './sending/deliver.ts'
import type { NotificationsTables } from './tables.ts'
import { callWebhook } from './webhooks/call-webhook.ts'

export const jobs: readonly Job<NotificationsTables>[] = [
  { name: 'deliver', outward: true, run: deliver },
  { name: 'digest', outward: true, run: sendDigest },
  { name: 'escalate', run: escalate },
  { name: 'remind', run: remind },
  { name: 'send-message', run: sendMessage },
  { name: 'call-webhook', outward: true, run: callWebhook },
  { name: 'forget', cron: '23 3 * * *', run: forget },
]

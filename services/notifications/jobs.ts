import type { Job } from '#platform/jobs.ts'
import { forget } from './forget.ts'
import { remind } from './remind.ts'
import { sendEmail } from './send-email.ts'
import type { NotificationsTables } from './tables.ts'

export const jobs: readonly Job<NotificationsTables>[] = [
  { name: 'send-email', run: sendEmail },
  { name: 'remind', run: remind },
  { name: 'forget', cron: '23 3 * * *', run: forget },
]

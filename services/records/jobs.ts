import type { Job } from '#platform/jobs.ts'
import { dropFiles } from './bulk/drop-files.ts'
import { runExport } from './bulk/run-export.ts'
import { runImport } from './bulk/run-import.ts'
import { beginSubscription } from './notices/begin-subscription.ts'
import { endSubscriptions } from './notices/end-subscription.ts'
import { matchSubscriptions } from './notices/match-subscriptions.ts'
import { tellSubscriber } from './notices/tell-subscriber.ts'
import type { RecordsTables } from './tables.ts'

export const jobs: readonly Job<RecordsTables>[] = [
  { name: 'match-subscriptions', run: matchSubscriptions },
  { name: 'tell-subscriber', outward: true, run: tellSubscriber },
  { name: 'begin-subscription', run: beginSubscription },
  { name: 'end-subscriptions', cron: '*/10 * * * *', run: endSubscriptions },
  { name: 'export', run: runExport },
  { name: 'import', run: runImport },
  { name: 'drop-files', cron: '49 * * * *', run: dropFiles },
]

import type { Job } from '#platform/jobs.ts'
import type { CarePlansTables } from '../tables.ts'
import { extendHorizon } from './extend-horizon.ts'
import { tellDue } from './tell-due.ts'

export const taskJobs: Job<CarePlansTables>[] = [
  { name: 'extend-horizon', cron: '37 0 * * *', run: extendHorizon },
  { name: 'tell-due', cron: '* * * * *', run: tellDue },
]

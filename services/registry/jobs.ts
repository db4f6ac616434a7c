import type { Context } from '#platform/context.ts'
import { publish } from '#platform/events.ts'
import type { Job } from '#platform/jobs.ts'
import { transact } from '#platform/transaction.ts'
import { practitionerChanged } from './contract.ts'
import type { Tables } from './database.ts'
import { jobs as duplicateJobs } from './duplicates/suspect.ts'
import { practitionersBetweenLicences } from './queries/practitioners.ts'

/** Longer than a night's outage; to announce twice does no harm. */
const LOOK_BACK_DAYS = 7

/**
 * Other rooms mirror one period of licence: that which holds now or comes next. Where it has ended and a later one is verified already,
 * nothing else would tell them of it.
 */
async function announceNextLicences(ctx: Context<Tables>): Promise<void> {
  const now = ctx.now()
  const since = new Date(now.getTime() - LOOK_BACK_DAYS * 86_400_000)
  await transact(ctx, async (ctx) => {
    for (const practitioner of await practitionersBetweenLicences(ctx.db, since, now))
      publish(ctx, practitionerChanged, { practitioner })
  })
}

export const jobs: Job<Tables>[] = [
  { name: 'announce-next-licences', cron: '10 0 * * *', run: announceNextLicences },
  ...duplicateJobs,
]

import { projectionJobs } from '#fhir/projection/mend.ts'
import type { Context } from '#platform/context.ts'
import { publish } from '#platform/events.ts'
import type { Job } from '#platform/jobs.ts'
import { transact } from '#platform/transaction.ts'
import { licenceEnding, mandateEnding, practitionerChanged } from './contract.ts'
import type { Tables } from './database.ts'
import { dropAttempts } from './desk/queries.ts'
import { jobs as duplicateJobs } from './duplicates/suspect.ts'
import { runImport } from './imports/run-import.ts'
import { privacyJobs } from './privacy/jobs.ts'
import { projector } from './projection/projector.ts'
import { licencesToRemind } from './queries/licences.ts'
import { tellOfEnd } from './queries/mandates.ts'
import { practitionersBetweenLicences } from './queries/practitioners.ts'
import { beginTreatments } from './subscriptions.ts'

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

/** Long enough to see a notary, or a child who comes of age. */
const NOTICE_DAYS = 30

/** Both sides hear once that a mandate is near its end; a guardian's ends with childhood. */
async function announceEnds(ctx: Context<Tables>): Promise<void> {
  const now = ctx.now()
  const until = new Date(now.getTime() + NOTICE_DAYS * 86_400_000)
  await transact(ctx, async (ctx) => {
    for (const { id, patient_id, caregiver_id } of await tellOfEnd(ctx.db, now, until))
      publish(ctx, mandateEnding, { mandate: id, patient: patient_id, caregiver: caregiver_id })
  })
}

/** Time to renew one, to press for it, and to move visits. */
const REMINDED_DAYS = [60, 30, 7] as const

/** Once for each of these days; who comes late gets the nearest only. Not where a later licence has been verified already. */
async function remindOfLicences(ctx: Context<Tables>): Promise<void> {
  await transact(ctx, async (ctx) => {
    for (const { licence, practitioner, days } of await licencesToRemind(ctx.db, REMINDED_DAYS, ctx.now()))
      publish(ctx, licenceEnding, { licence, practitioner, days })
  })
}

/** They count for an hour. */
async function forgetClaimAttempts(ctx: Context<Tables>): Promise<void> {
  const before = new Date(ctx.now().getTime() - 86_400_000)
  await transact(ctx, async (ctx) => {
    await dropAttempts(ctx.db, before)
  })
}

export const jobs: Job<Tables>[] = [
  { name: 'announce-next-licences', cron: '10 0 * * *', run: announceNextLicences },
  { name: 'announce-ends', cron: '20 0 * * *', run: announceEnds },
  ...privacyJobs,
  { name: 'remind-of-licences', cron: '30 5 * * *', run: remindOfLicences },
  { name: 'import', run: runImport },
  { name: 'begin-treatments', run: beginTreatments },
  { name: 'forget-claim-attempts', cron: '20 0 * * *', run: forgetClaimAttempts },
  ...projectionJobs(projector),
  ...duplicateJobs,
]

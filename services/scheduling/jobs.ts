import { projectionJobs } from '#fhir/projection/mend.ts'
import type { Context } from '#platform/context.ts'
import type { Job } from '#platform/jobs.ts'
import { forgottenBefore } from '#platform/retention.ts'
import { transact } from '#platform/transaction.ts'
import { busyJobs } from './calendars/import-busy.ts'
import { forgetFeeds } from './calendars/queries/feeds.ts'
import { forgetQueues } from './day/forget.ts'
import { markNoShows } from './day/no-shows.ts'
import { extendHorizon } from './extend-horizon.ts'
import { expireHold } from './hold-slot.ts'
import { projected, projector } from './projection/projector.ts'
import { divergence, lockPractitioners, overdue, refreshNext } from './queries/mirror.ts'
import { forgetAppointments } from './queries/people.ts'
import { forgetTurnedAway } from './queries/turned-away.ts'
import { DAY } from './search-window.ts'
import { mirrorPlace, mirrorPractitioner } from './subscriptions.ts'
import type { SchedulingTables } from './tables.ts'
import { endOffer } from './waitlist/end-offer.ts'
import { expireWaitlist, forgetWaitlist } from './waitlist/expire-waitlist.ts'
import { offerFreed } from './waitlist/offer-freed.ts'

type Ctx = Context<SchedulingTables>

const BATCH = 200

/**
 * Time passes: next slots that have gone by are looked up anew, under the lock that bookings take, so that none is written down that has
 * just been taken. Searches are right without this job, and slower: they look up what they find overdue.
 */
async function advance(ctx: Ctx): Promise<void> {
  for (let found = BATCH; found === BATCH; ) {
    found = await transact(ctx, async (ctx) => {
      const late = await overdue(ctx.db, ctx.now(), BATCH)
      await lockPractitioners(
        ctx.db,
        late.map(({ practitioner_id }) => practitioner_id),
      )
      await refreshNext(
        ctx.db,
        late.map(({ schedule_id }) => schedule_id),
        ctx.now(),
      )
      return late.length
    })
  }
}

/** The projection against its definition; a difference is a defect of ours, so it is loud. */
async function checkFreeRanges(ctx: Ctx): Promise<void> {
  const found = await divergence(ctx.db, ctx.now())
  if (found.length > 0)
    throw new Error(
      `free_range or next slots differ in ${found.length} places, first in schedule ${found[0]?.schedule_id}`,
    )
}

/** A program that has not asked a feed for so long reads all of it. */
const FEED_DAYS = 30
const BITE = 500
/** A night's work; more waits for the next night. */
const BITES = 2_000

async function forget(ctx: Ctx): Promise<void> {
  const before = forgottenBefore(ctx.config, 'appointments', ctx.now())
  await transact(ctx, ({ db }) => forgetFeeds(db, ctx.now(), new Date(ctx.now().getTime() - FEED_DAYS * DAY)))
  for (let bite = 0; bite < BITES; bite++)
    if ((await projected(ctx, ({ db }) => forgetAppointments(db, before, BITE))) < BITE) break
  for (let bite = 0; bite < BITES; bite++)
    if ((await transact(ctx, ({ db }) => forgetTurnedAway(db, before, BITE))) < BITE) break
  await forgetWaitlist(ctx, before)
  await forgetQueues(ctx)
}

export const jobs: Job<SchedulingTables>[] = [
  { name: 'expire-hold', run: expireHold },
  { name: 'offer-freed', run: offerFreed },
  { name: 'end-offer', run: endOffer },
  { name: 'expire-waitlist', cron: '7 * * * *', run: expireWaitlist },
  { name: 'mirror', run: mirrorPractitioner },
  { name: 'mirror-place', run: mirrorPlace },
  { name: 'extend-horizon', cron: '17 1 * * *', run: extendHorizon },
  { name: 'advance', cron: '* * * * *', run: advance },
  { name: 'mark-no-shows', cron: '*/5 * * * *', run: markNoShows },
  { name: 'check-free-ranges', cron: '47 2 * * *', run: checkFreeRanges },
  { name: 'forget', cron: '29 3 * * *', run: forget },
  ...projectionJobs(projector),
  ...busyJobs,
]

import type { Context } from '#platform/context.ts'
import { on, type Subscription } from '#platform/events.ts'
import {
  patientMerged,
  patientUnmerged,
  placeChanged,
  practitionerChanged,
  readPlaceCard,
  readPractitionerCard,
} from '../registry/contract.ts'
import { followMerge } from './follow-merge.ts'
import { projected } from './projection/projector.ts'
import {
  isMirrored,
  keepPlace,
  keepPractitioner,
  lockPractitioners,
  practitionersAt,
  refreshOffers,
} from './queries/mirror.ts'
import { lockCalendar } from './queries/schedules.ts'
import type { SchedulingTables } from './tables.ts'

type Ctx = Context<SchedulingTables>

/**
 * Name, languages and licence show in searches at once. Practitioners without a schedule are not mirrored. Two deliveries may overlap, and
 * the one that asked first may write last: so after writing it asks again, until what it wrote is what registry says.
 */
export async function mirrorPractitioner(given: Ctx, { practitioner }: { practitioner: string }): Promise<void> {
  if (!(await isMirrored(given.db, 'practitioner', practitioner))) return
  const ctx = { ...given, once: undefined } // the effect is the same however often it is taken
  const ask = () => ctx.call(readPractitionerCard, { params: { id: practitioner } })
  await writeUntilSame(ask, (card) =>
    projected(ctx, async (ctx) => {
      await lockCalendar(ctx.db, practitioner)
      await keepPractitioner(ctx.db, card)
      await refreshOffers(ctx.db, [practitioner], ctx.now())
    }),
  )
}

export async function mirrorPlace(given: Ctx, { place }: { place: string }): Promise<void> {
  if (!(await isMirrored(given.db, 'place', place))) return
  const ctx = { ...given, once: undefined }
  const ask = () => ctx.call(readPlaceCard, { params: { id: place } })
  await writeUntilSame(ask, (card) =>
    projected(ctx, async (ctx) => {
      const there = await practitionersAt(ctx.db, place)
      await lockPractitioners(ctx.db, there)
      await keepPlace(ctx.db, card)
      await refreshOffers(ctx.db, there, ctx.now())
    }),
  )
}

async function writeUntilSame<T>(ask: () => Promise<T>, write: (card: T) => Promise<void>): Promise<void> {
  for (let card = await ask(), written = ''; written !== JSON.stringify(card); card = await ask()) {
    written = JSON.stringify(card)
    await write(card)
  }
}

export const subscriptions: Subscription<SchedulingTables>[] = [
  on(practitionerChanged, mirrorPractitioner),
  on(placeChanged, mirrorPlace),
  on(patientMerged, followMerge),
  on(patientUnmerged, followMerge),
]

import { practising } from '#platform/auth.ts'
import type { Context } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { type Channel, channelSearched } from '../channel.ts'
import { ALTERNATIVES, count, lost, reasonOf, windowAround } from '../conflict.ts'
import { commonSlots } from '../queries/common-slots.ts'
import { hoursAround } from '../queries/slots.ts'
import { type Around, conflictsOfAll, type Participant } from '../queries/together.ts'
import { MINUTE } from '../search-window.ts'
import type { SchedulingTables } from '../tables.ts'

type Ctx = Context<SchedulingTables>

export interface CommonWish {
  participants: readonly Participant[]
  patient: string
  start: Date
  mode?: string | undefined
  channel?: Channel | undefined
  /** A visit that there is not yet: whoever wants it and finds no time is counted. */
  fresh?: boolean
}

/** As orConflict, for a visit that several give: what stands in the way of each of them, and when all of them are free. */
export async function orCommonTimes<R>(ctx: Ctx, wish: CommonWish, attempt: () => Promise<R>): Promise<R> {
  try {
    return await attempt()
  } catch (error) {
    const { constraint = '', detail } = error as { constraint?: string; detail?: string }
    if (lost[constraint] === undefined) throw error
    const channel = constraint === 'share_kept' ? (detail as Channel) : channelSearched(ctx, wish.channel)
    await countTries(ctx, { ...wish, channel })
    const [conflicts, alternatives] = await Promise.all([
      inTheWay(ctx, wish),
      nearestInCommon(ctx, { ...wish, channel }),
    ])
    throw new Problem('conflict', lost[constraint], {
      cause: error,
      reason: reasonOf(constraint),
      details: { conflicts, alternatives },
    })
  }
}

/** A try for each of them: their hours are what there was too little of. */
async function countTries(
  ctx: Ctx,
  { participants, fresh, ...wish }: CommonWish & { channel: Channel },
): Promise<void> {
  if (fresh) for (const one of participants) await count(ctx, { ...wish, ...one })
}

/** Whose claims they are is nobody's business; and a practitioner who moves a visit does not learn where else the patient goes. */
async function inTheWay(ctx: Ctx, { participants, patient, start }: CommonWish) {
  const around = await Promise.all(
    participants.map(async (participant): Promise<Around & { minutes: number }> => {
      const hours = await hoursAround(ctx.db, participant.practitioner, start, participant.service ?? null)
      return { participant, ...(hours ?? { minutes: 5, resources: [], before_minutes: 0, after_minutes: 0 }) }
    }),
  )
  const end = new Date(start.getTime() + Math.max(...around.map(({ minutes }) => minutes)) * MINUTE)
  const one = participants.some(({ practitioner }) => practitioner === practising(ctx))
  const found = await conflictsOfAll(ctx.db, around, { patient: one ? undefined : patient, start, end })
  return found.map(({ resource, practitioner, start_at, end_at }) => ({
    resource,
    ...(resource !== 'patient' && { practitioner }),
    start: start_at.toISOString(),
    end: end_at.toISOString(),
  }))
}

async function nearestInCommon(
  ctx: Ctx,
  { participants, patient, start, mode, channel }: CommonWish & { channel: Channel },
) {
  const now = ctx.now()
  const slots = await commonSlots(ctx.db, {
    ...{ participants, channel, now, ...windowAround(now, start), near: start, mode, patient },
    limit: ALTERNATIVES,
  })
  return slots.map(({ start_at, end_at }) => ({ start: start_at.toISOString(), end: end_at.toISOString() }))
}

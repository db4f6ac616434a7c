import type { Static } from 'typebox'
import { audit } from '#platform/audit.ts'
import { accountOf } from '#platform/auth.ts'
import type { Context, TransactionContext } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { publish } from '#platform/events.ts'
import { newId } from '#platform/ids.ts'
import { transact } from '#platform/transaction.ts'
import { appointmentsMadeSince } from '../../scheduling/contract.ts'
import { changedMeanwhile, notThere, unless, wrong } from '../caller.ts'
import type * as contract from '../contract/duplicates.ts'
import { mandateAccepted, mandateRevoked, patientMerged, patientUnmerged, type readMergeCard } from '../contract.ts'
import type { Tables } from '../database.ts'
import { majorityOf } from '../mandates/majority.ts'
import { projected } from '../projection/projector.ts'
import { settleMandates } from '../queries/grants.ts'
import { endWithChildhood } from '../queries/mandates.ts'
import { patient } from '../queries/patients.ts'
import * as queries from './queries/merging.ts'
import { giveBackRecords, moveRecords } from './queries/records.ts'
import { settlePair } from './queries/reviewing.ts'

type Ctx = Context<Tables>
type Tx = TransactionContext<Tables>
type View = Static<typeof contract.Merge>

async function toMerge(ctx: Pick<Tx, 'db'>, row: queries.MergeRow): Promise<View> {
  const { setAside, ...moved } = await queries.movedBy(ctx.db, row.id)
  return {
    id: row.id,
    survivor: row.survivor_id,
    replaced: row.replaced_id,
    status: row.undone_at === null ? 'standing' : 'undone',
    reason: row.reason,
    mergedAt: row.merged_at.toISOString(),
    ...(row.undone_at !== null && { undoneAt: row.undone_at.toISOString() }),
    ...(row.undo_reason !== null && { undoReason: row.undo_reason }),
    moved,
    setAside,
    version: row.version,
  }
}

function auditMerge(ctx: Tx, action: 'C' | 'R' | 'U', { id, survivor_id, replaced_id }: queries.MergeRow): void {
  for (const patient of [survivor_id, replaced_id])
    audit(ctx, { action, entity: `Merge/${id}`, subject: `Patient/${patient}` })
}

async function check(ctx: Tx, survivor: string, replaced: string): Promise<void> {
  if (await queries.isToBeErased(ctx.db, [survivor, replaced]))
    throw new Problem('business-rule', 'One of the two is going to be erased. Wait until that is done or called off.')
  if (await queries.wouldInherit(ctx.db, survivor, replaced, ctx.now()))
    throw new Problem(
      'business-rule',
      'A desk has given mandates for the survivor, who signs in nowhere. Let the other one be the survivor.',
    )
}

/** The survivor keeps its id; what hung on the other follows, here at once and in other rooms by the event. */
export async function createMerge(
  ctx: Ctx,
  { survivor, replaced, reason }: Static<typeof contract.createMerge.body>,
): Promise<View> {
  if (survivor === replaced) throw wrong('/body/replaced', 'must be another patient than the survivor')
  const asked = {
    id: newId(),
    survivor_id: survivor,
    replaced_id: replaced,
    reason,
    merged_by: accountOf(ctx),
    merged_at: ctx.now(),
  }
  return orInTheWay(() =>
    projected(ctx, async (ctx) => {
      if ((await queries.lockPatients(ctx.db, [survivor, replaced])).length < 2) throw notThere('patient')
      await refuseParty(ctx, [survivor, replaced])
      await check(ctx, survivor, replaced)
      const row = await queries.insertMerge(ctx.db, asked)
      const stays = await patient(ctx.db, survivor)
      const majority = stays ? majorityOf(stays, ctx.config) : row.merged_at
      await queries.lockMandates(ctx.db, [survivor, replaced])
      const ended = await queries.moveMandates(ctx.db, row, majority)
      await queries.moveGrants(ctx.db, row)
      await endWithChildhood(ctx.db, survivor, majority, row.merged_at)
      await moveRecords(ctx.db, row)
      await settlePair(ctx.db, {
        one: survivor,
        other: replaced,
        status: 'merged',
        by: row.merged_by,
        now: row.merged_at,
      })
      for (const { id: mandate, caregiver_id: caregiver } of ended)
        publish(ctx, mandateRevoked, { mandate, patient: survivor, caregiver })
      publish(ctx, patientMerged, { merge: row.id, survivor, replaced })
      auditMerge(ctx, 'C', row)
      return toMerge(ctx, row)
    }),
  )
}

/** Whoever has something to do with one of the two would come to see the other, or give it up: that is for an administrator who has not. */
async function refuseParty(ctx: Tx, patients: readonly string[]): Promise<void> {
  if (await queries.isParty(ctx.db, { account: accountOf(ctx), patients, now: ctx.now() }))
    throw new Problem('forbidden', 'You are one of the two, care for them or treat them. Ask another administrator.')
}

/** Two merges that would stand in each other's way: the database refuses the second, whichever that is. */
const orInTheWay = <T>(act: () => Promise<T>): Promise<T> =>
  unless('patient_merge_replaced_once', inTheWay, () => unless('patient_merge_one_role', inTheWay, act))

const inTheWay = () =>
  new Problem(
    'conflict',
    'One of the two is part of a merge that stands. Undo that one first, and then merge both into the same survivor.',
  )

export function readMerge(ctx: Ctx, id: string): Promise<View> {
  return transact(ctx, async (ctx) => {
    const row = await queries.merge(ctx.db, id)
    if (!row) throw notThere('merge')
    auditMerge(ctx, 'R', row)
    return toMerge(ctx, row)
  })
}

/** Each gets back what it had; what was made since stays with the survivor, and is named for a person to look through. */
export async function undoMerge(
  ctx: Ctx,
  id: string,
  reason: string,
  version: number,
): Promise<Static<typeof contract.undoMerge.response>> {
  const before = await queries.merge(ctx.db, id)
  if (!before) throw notThere('merge')
  const { items: appointments } = await ctx.call(appointmentsMadeSince, {
    params: { id: before.survivor_id },
    query: { since: id },
  })
  return projected(ctx, async (ctx) => {
    const both = [before.survivor_id, before.replaced_id]
    await queries.lockPatients(ctx.db, both)
    await refuseParty(ctx, both)
    const row = (await queries.lockMerge(ctx.db, id)) as queries.MergeRow
    if (row.version !== version) throw changedMeanwhile()
    if (row.undone_at !== null) throw new Problem('business-rule', 'This merge has been undone already.')
    const mandates = await queries.mandatesSince(ctx.db, row)
    const restored = await queries.giveBackMandates(ctx.db, row)
    await queries.giveBackGrants(ctx.db, row)
    await settleMandates(ctx.db, { merge: id }, ctx.now())
    await giveBackRecords(ctx.db, row, ctx.now())
    const undone = await queries.closeMerge(ctx.db, id, { by: accountOf(ctx), reason, now: ctx.now() })
    const { survivor_id: one, replaced_id: other } = row
    await settlePair(ctx.db, { one, other, status: 'open', by: accountOf(ctx), now: ctx.now() })
    for (const { id: mandate, caregiver_id: caregiver } of restored)
      publish(ctx, mandateAccepted, { mandate, patient: other, caregiver })
    publish(ctx, patientUnmerged, { merge: id, survivor: one, replaced: other })
    auditMerge(ctx, 'U', undone)
    return { ...(await toMerge(ctx, undone)), stays: { mandates, appointments } }
  })
}

/** How it stands now: deliveries of merging and of undoing may come in any order. */
export async function mergeCardOf(ctx: Ctx, id: string): Promise<Static<typeof readMergeCard.response>> {
  const row = await queries.merge(ctx.db, id)
  if (!row) throw notThere('merge')
  const { survivor_id: survivor, replaced_id: replaced, merged_at, undone_at } = row
  return { id, survivor, replaced, stands: undone_at === null, mergedAt: merged_at.toISOString() }
}

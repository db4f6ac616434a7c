import { isUuid } from '#fhir/search.ts'
import { accountOf, practising } from '#platform/auth.ts'
import type { TransactionContext } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import type { Keeping, KeptResource, Named } from '#platform/keeper.ts'
import { inPart } from '#platform/transaction.ts'
import { cancelWithin } from '../cancel-appointment.ts'
import { lockAppointment, lockClaimed } from '../queries/booking.ts'
import type { SchedulingTables } from '../tables.ts'
import { noResource } from './asked.ts'
import { cancellationIn } from './write-visit.ts'

type Tx = TransactionContext<SchedulingTables>

/** One after the other by id, so that nobody waits for whoever waits for them. */
export async function hold(ctx: Tx, wanted: readonly Named[]): Promise<Map<string, boolean>> {
  const by = {
    ...{ account: accountOf(ctx), practitioner: practising(ctx) },
    ...{ within: ctx.actor.within, now: ctx.now() },
  }
  const found = new Map<string, boolean>()
  for (const { type, id } of wanted.toSorted((a, b) => (a.id < b.id ? -1 : 1)))
    if (isUuid(id)) {
      await lockClaimed(ctx.db, id, null)
      if (await lockAppointment(ctx.db, id, by)) found.set(`${type}/${id}`, true)
    }
  return found
}

/** The store has it at the end of a part, as it has other changes at COMMIT. */
export async function keep(ctx: Tx, wanted: readonly Keeping[]): Promise<[]> {
  for (const one of wanted) await inPart(ctx, (ctx) => cancelKept(ctx, one))
  return []
}

async function cancelKept(ctx: Tx, { id, resource, before, at }: Keeping): Promise<void> {
  if (!before) throw noResource()
  try {
    await cancelWithin(ctx, id, cancellationIn(resource, before), versionOf(before))
  } catch (error) {
    if (!(error instanceof Problem) || error.code === 'not-found') throw error
    const errors = error.errors?.map(({ pointer, detail }) => ({ pointer: pointer.replace('/body', at), detail }))
    throw new Problem(error.code, error.message, {
      cause: error,
      errors: errors ?? [{ pointer: at, detail: 'is refused' }],
    })
  }
}

const versionOf = ({ meta }: KeptResource): number => Number((meta as { versionId: string }).versionId)

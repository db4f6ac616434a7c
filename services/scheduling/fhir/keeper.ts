import { isUuid } from '#fhir/search.ts'
import { accountOf, practising } from '#platform/auth.ts'
import type { TransactionContext } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import type { Keeper, Keeping, KeptResource, Named } from '#platform/keeper.ts'
import { inPart } from '#platform/transaction.ts'
import { cancelWithin } from '../cancel-appointment.ts'
import { lockAppointment, lockClaimed } from '../queries/booking.ts'
import type { SchedulingTables } from '../tables.ts'
import { noResource } from './asked.ts'
import { cancellationIn } from './write-visit.ts'

type Tx = TransactionContext<SchedulingTables>

/** Visits are cancelled by FHIR wherever a resource is changed, and booked by a door of their own (write-visit.ts); what is on offer is placed by /v1. */
export const keeper: Keeper<SchedulingTables> = { types: ['Appointment'], refuses, hold, keep }

/** A booking is tried again as a whole where it loses a race, which a part of a bundle cannot be. */
function refuses(type: string, letter: 'c' | 'u' | 'd'): string | undefined {
  if (type === 'Appointment' && letter === 'u') return undefined
  if (type === 'Appointment')
    return 'A visit is booked by POST /fhir/R4/Appointment, by itself, and is never deleted: it is cancelled, by its status.'
  return type === 'AppointmentResponse'
    ? 'What somebody answered follows from the visit; see POST /v1/appointments/{id}/decline.'
    : 'What is on offer is read here, and changed by /v1; see GET /fhir/R4/metadata.'
}

/** One after the other by id, so that nobody waits for whoever waits for them. */
async function hold(ctx: Tx, wanted: readonly Named[]): Promise<Map<string, boolean>> {
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
async function keep(ctx: Tx, wanted: readonly Keeping[]): Promise<[]> {
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

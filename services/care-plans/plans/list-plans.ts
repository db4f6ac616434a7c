import type { Static } from 'typebox'
import { findOf } from '#fhir/rooms/read.ts'
import { expectSees } from '#fhir/rooms/relationship.ts'
import type { Context } from '#platform/context.ts'
import { decodeCursor, encodeCursor } from '#platform/paging.ts'
import type { listCarePlans } from '../contract.ts'
import type { CarePlansTables } from '../tables.ts'
import { summaryOf } from './plan-in-fhir.ts'

const GO_ON = 'draft,active,on-hold'

/** Those that go on, and behind them those that ended. */
export async function list(
  ctx: Context<CarePlansTables>,
  patient: string,
  { include = 'active', limit = 20, cursor }: Static<typeof listCarePlans.query>,
): Promise<Static<typeof listCarePlans.response>> {
  await expectSees(ctx, patient)
  const [part = 0, within = ''] = decodeCursor(cursor, ['integer', 'text']) ?? []
  const page = await findOf(
    ctx,
    'CarePlan',
    {
      ...{ patient, _sort: '-date', _count: String(limit) },
      ...(part === 0 ? { status: GO_ON } : { 'status:not': GO_ON.split(',') }),
      ...(within !== '' && { cursor: String(within) }),
    },
    { isHeld: true },
  )
  const goesOn = page.next !== undefined ? [part, page.next] : part === 0 && include === 'all' ? [1, ''] : undefined
  return { items: page.resources.map(summaryOf), ...(goesOn && { next: encodeCursor(goesOn) }) }
}

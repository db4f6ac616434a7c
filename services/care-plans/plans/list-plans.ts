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
  const page = await pageOf(ctx, { patient, limit, part: Number(part), within: String(within) })
  if (page.next !== undefined) return page
  if (part === 1 || include === 'active') return { items: page.items }
  if (page.items.length > 0) return { items: page.items, next: encodeCursor([1, '']) }
  return pageOf(ctx, { patient, limit, part: 1, within: '' })
}

async function pageOf(
  ctx: Context<CarePlansTables>,
  { patient, limit, part, within }: { patient: string; limit: number; part: number; within: string },
): Promise<Static<typeof listCarePlans.response>> {
  const { resources, next } = await findOf(
    ctx,
    'CarePlan',
    {
      ...{ patient, _sort: '-date', _count: String(limit) },
      ...(part === 0 ? { status: GO_ON } : { 'status:not': GO_ON.split(',') }),
      ...(within !== '' && { cursor: within }),
    },
    { isHeld: true },
  )
  return { items: resources.map(summaryOf), ...(next !== undefined && { next: encodeCursor([part, next]) }) }
}

import type { Static } from 'typebox'
import { audit } from '#platform/audit.ts'
import type { Context } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { decodeCursor, pageOf } from '#platform/paging.ts'
import { transact } from '#platform/transaction.ts'
import type { Channel } from './channels.ts'
import type { Delivery } from './contract.ts'
import { type DeliveryRow, deliveryById, listDeliveries as listOf, requeue } from './queries/deliveries.ts'
import { forgetReports } from './queries/reports.ts'
import { askToDeliver } from './sending/ask-to-deliver.ts'
import type { NotificationsTables } from './tables.ts'

type Ctx = Context<NotificationsTables>

const toDelivery = (row: DeliveryRow): Static<typeof Delivery> => ({
  id: row.id,
  channel: row.channel,
  template: row.template,
  status: row.status as Static<typeof Delivery>['status'],
  ...(row.reason !== null && { reason: row.reason }),
  ...(row.provider !== null && { provider: row.provider }),
  tries: row.tries,
  createdAt: row.created_at.toISOString(),
  dueAt: row.due_at.toISOString(),
})

interface ListQuery {
  status?: 'dead' | 'failed'
  channel?: Channel
  limit?: number
  cursor?: string
}

export async function listDeliveries({ db }: Ctx, { status = 'dead', channel, limit = 20, cursor }: ListQuery) {
  const [at, id] = decodeCursor(cursor, ['instant', 'uuid']) ?? []
  const from = {
    ...(channel && { channel }),
    ...(at && id && { before: [String(at), String(id)] as [string, string] }),
  }
  const rows = await listOf(db, { status, limit: limit + 1, ...from })
  return pageOf(rows, limit, ({ due_at, id }) => [due_at.toISOString(), id], toDelivery)
}

export async function replayDelivery(ctx: Ctx, id: string): Promise<Static<typeof Delivery>> {
  return transact(ctx, async (ctx) => {
    await forgetReports(ctx.db, id)
    const row = await requeue(ctx.db, id, ctx.now())
    if (!row) throw await whyNot(ctx, id)
    askToDeliver(ctx, id)
    audit(ctx, { action: 'U', entity: `Delivery/${id}`, reason: 'replayed' })
    return toDelivery(row)
  })
}

async function whyNot({ db }: Pick<Ctx, 'db'>, id: string): Promise<Problem> {
  if (!(await deliveryById(db, id))) return new Problem('not-found', 'There is no such message.')
  return new Problem('conflict', 'Only a message that was given up or refused can be sent again.')
}

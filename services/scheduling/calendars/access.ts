import type { Context, TransactionContext } from '#platform/context.ts'
import { keysForWriting, requireKey, unseal } from '#platform/data-keys.ts'
import { encrypt } from '#platform/encryption.ts'
import type { Sealed } from '#platform/rotate-keys.ts'
import { transact } from '#platform/transaction.ts'
import type { SchedulingTables } from '../tables.ts'
import type { Access } from './foreign-calendar.ts'
import * as queries from './queries/busy.ts'

type Ctx = Context<SchedulingTables>
type Tx = TransactionContext<SchedulingTables>

/** Names the row: in another it does not open. */
const boundTo = (id: string): string => JSON.stringify(['scheduling.busy_calendar', id])

export async function sealAccess(ctx: Tx, id: string, access: Access): Promise<string> {
  return encrypt((await keysForWriting(ctx)).current, JSON.stringify(access), boundTo(id))
}

export async function openAccess(ctx: Ctx, { id, access }: { id: string; access: string }): Promise<Access> {
  return JSON.parse(await unseal(ctx, access, boundTo(id))) as Access
}

async function reencrypt(ctx: Ctx, limit: number): Promise<number> {
  await requireKey(ctx)
  return transact(ctx, async (ctx) => {
    const { current } = await keysForWriting(ctx)
    const rows = await queries.accessUnderOthers(ctx.db, current.name, limit)
    for (const { id, access } of rows)
      await queries.reseal(ctx.db, id, encrypt(current, await unseal(ctx, access, boundTo(id)), boundTo(id)))
    return rows.length
  })
}

/** Addresses and passwords of calendars elsewhere are sealed under the installation's data keys. */
export const sealed: Sealed<SchedulingTables> = { reencrypt, count: ({ db }) => queries.countByKey(db) }

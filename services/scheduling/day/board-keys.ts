import type { Static } from 'typebox'
import { audit } from '#platform/audit.ts'
import { accountOf, newToken } from '#platform/auth.ts'
import type { Context } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { newId } from '#platform/ids.ts'
import { transact } from '#platform/transaction.ts'
import type { BoardKey, createBoardKey, listBoardKeys } from '../contract/board.ts'
import type { SchedulingTables } from '../tables.ts'
import { type BoardRow, boardKeysAt, insertBoardKey, queuesAmong, revokeBoardKey } from './queries/boards.ts'
import { runsPlace } from './queries/settings.ts'
import { noPlace } from './settings.ts'

type Ctx = Context<SchedulingTables>

const toBoardKey = (row: BoardRow): Static<typeof BoardKey> => ({
  id: row.id,
  place: row.place_id,
  name: row.name,
  shows: row.shows as 'numbers' | 'initials',
  queues: row.queues,
  createdAt: row.created_at.toISOString(),
})

/** 256 random bits, of which the hash is kept. */
export async function makeBoardKey(
  ctx: Ctx,
  { place, name, shows = 'numbers', queues = [] }: Static<typeof createBoardKey.body>,
): Promise<Static<typeof createBoardKey.response>> {
  return transact(ctx, async (ctx) => {
    if (!(await runsPlace(ctx.db, place, accountOf(ctx), ctx.now()))) throw noPlace()
    const wanted = [...new Set(queues)]
    if ((await queuesAmong(ctx.db, place, wanted)) < wanted.length)
      throw new Problem('business-rule', 'Not all of these are queues of the place; see GET /v1/places/{id}/queues.')
    const { token, hash } = newToken()
    const row = { id: newId(), place_id: place, name, shows, queues: wanted, created_at: ctx.now() }
    await insertBoardKey(ctx.db, row, hash)
    audit(ctx, { action: 'C', entity: `BoardKey/${row.id}` })
    return { ...toBoardKey(row), key: token }
  })
}

export async function boardKeys(ctx: Ctx, place: string): Promise<Static<typeof listBoardKeys.response>> {
  if (!(await runsPlace(ctx.db, place, accountOf(ctx), ctx.now()))) throw noPlace()
  return { items: (await boardKeysAt(ctx.db, place)).map(toBoardKey) }
}

export async function endBoardKey(ctx: Ctx, id: string): Promise<void> {
  await transact(ctx, async (ctx) => {
    if ((await revokeBoardKey(ctx.db, id, accountOf(ctx), ctx.now())) === undefined)
      throw new Problem('not-found', 'There is no such key, or you do not run the day there.')
    audit(ctx, { action: 'D', entity: `BoardKey/${id}` })
  })
}

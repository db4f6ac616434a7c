import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { sql } from 'kysely'
import type { TransactionContext } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { newId } from '#platform/ids.ts'
import { openTestHouse, type TestHouse } from '#platform/testing.ts'
import { inPart, sendAlong, telling } from '#platform/transaction.ts'
import { inNotes } from '../jobs-database.ts'
import { type NotesTables, neighbour, notes } from './rooms.ts'

type Tx = TransactionContext<NotesTables>
const rooms = [notes, neighbour]

const insert = (ctx: Tx, id: string) =>
  sendAlong(ctx, ctx.db.insertInto('note').values({ id, text: id, version: 1 }).compile())

const kept = async (house: TestHouse) => (await house.owner.query('select id from notes.note')).rows.map(({ id }) => id)

describe('what is sent along', () => {
  it('goes in one trip with BEGIN and COMMIT', async () => {
    await using house = await openTestHouse(rooms)
    await inNotes(house, async (ctx) => insert(ctx, newId()))
    const { statements, trips } = await house.cost(() =>
      inNotes(house, async (ctx) => {
        insert(ctx, newId())
        insert(ctx, newId())
      }),
    )
    assert.deepEqual([statements, trips], [4, 1])
  })

  it('undoes the transaction where it fails, which tells why, whoever waited for what came behind', async () => {
    await using house = await openTestHouse(rooms)
    const id = newId()
    const twice = (ctx: Tx) => {
      insert(ctx, id)
      insert(ctx, id)
      insert(ctx, newId())
    }
    await assert.rejects(
      inNotes(house, async (ctx) => twice(ctx)),
      { code: '23505' },
    )
    await assert.rejects(
      inNotes(house, async (ctx) => {
        twice(ctx)
        await sql`select 1`.execute(ctx.db)
      }),
      { code: '23505' },
    )
    assert.deepEqual(await kept(house), [])
  })

  it('undoes only its part of a transaction', async () => {
    await using house = await openTestHouse(rooms)
    const [id, other] = [newId(), newId()]
    await inNotes(house, async (ctx) => {
      insert(ctx, id)
      const part = inPart(ctx, async (ctx) => {
        insert(ctx, other)
        insert(ctx, id)
      })
      await assert.rejects(part, { code: '23505' })
    })
    assert.deepEqual(await kept(house), [id])
  })

  it('is told as whoever sent it says', async () => {
    await using house = await openTestHouse(rooms)
    const id = newId()
    const taken = new Problem('conflict', 'It is there.')
    const told = (error: unknown) => ((error as { code?: string }).code === '23505' ? taken : error)
    const again = inNotes(house, async (ctx) => {
      insert(ctx, id)
      await telling(ctx, told, (ctx) => insert(ctx, id))
    })
    await assert.rejects(again, taken)
  })
})

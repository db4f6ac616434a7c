import { randomBytes } from 'node:crypto'
import type { Config } from './config.ts'
import type { Context } from './context.ts'
import { KEYS_LOCK, type KeyRow, secretOf } from './data-keys.ts'
import type { Send } from './database.ts'
import { newKeyName, wrapKey } from './encryption.ts'
import { retireSigningKey } from './signing/keys.ts'

/** What a room says of what it keeps encrypted. */
export interface Sealed<T = unknown> {
  /** What signs or opens by itself, and is not only moved: made anew. */
  renew?(ctx: Context<T>): Promise<void>
  /** Moves up to `limit` rows to the current key, and drops as many blind indexes of retired ones; answers how many it touched. */
  reencrypt(ctx: Context<T>, limit: number): Promise<number>
  /** How many sealed texts there are under each key. */
  count(ctx: Context<T>): Promise<{ key: string; count: number }[]>
}

export interface SealedRoom {
  room: string
  sealed: Sealed
  context(): Context
}

interface Rotation {
  /** As the owner. */
  send: Send
  config: Config
  rooms: readonly SealedRoom[]
  now: Date
  progress?(room: string, rows: number): void
}

/** Rows in one transaction: some milliseconds, so that nobody waits for it. */
const BITE = 200

const LIVE = 'select name, wrapped from platform.data_key where retired_at is null order by number desc'

/**
 * A new key, and everything moved to it, while the service runs. Writers use the new key from the moment it is there, and keep blind indexes under both
 * until nothing is left under the old one; so a number stays unique all the while. One that was interrupted is gone on with.
 */
export async function rotateKeys({
  send,
  config,
  rooms,
  now,
  progress,
}: Rotation): Promise<{ current: string; moved: number }> {
  await alone(send, () => beginRotation(send, config, now))
  for (const { sealed, context } of rooms) await sealed.renew?.(context())
  let moved = 0
  const moveAll = async () => {
    for (const { room, sealed, context } of rooms)
      for (let rows = -1; rows !== 0; moved += rows) {
        rows = await sealed.reencrypt(context(), BITE)
        progress?.(room, rows)
      }
  }
  await moveAll()
  const [current] = (await send(LIVE)).rows
  await alone(send, () =>
    send('update platform.data_key set retired_at = $1 where retired_at is null and name <> $2', [now, current.name]),
  )
  await moveAll() // indexes under what has just been retired
  return { current: current.name, moved }
}

async function beginRotation(send: Send, config: Config, now: Date): Promise<void> {
  const live = (await send(LIVE)).rows
  const secretKey = config.secretKey.reveal()
  const { rows } = await send('select name, wrapped, created_at, retired_at from platform.data_key')
  for (const row of rows as KeyRow[])
    await send('update platform.data_key set wrapped = $1 where name = $2', [
      wrapKey(secretKey, row.name, secretOf(config, row)),
      row.name,
    ])
  await retireSigningKey(send, now) // so that none is left under a former secret key
  if (live.length > 1) return
  const name = newKeyName()
  await send('insert into platform.data_key (name, wrapped, created_at) values ($1, $2, $3)', [
    name,
    wrapKey(secretKey, name, randomBytes(32)),
    now,
  ])
}

/** No writer is under way with other keys while `work` runs, and those that come next see what it did. */
async function alone(send: Send, work: () => Promise<unknown>): Promise<void> {
  await send('begin')
  try {
    await send('select pg_advisory_xact_lock($1)', [KEYS_LOCK])
    await work()
    await send('commit')
  } catch (error) {
    await send('rollback')
    throw error
  }
}

export interface KeyState {
  name: string
  createdAt: Date
  retiredAt: Date | undefined
  current: boolean
  /** Sealed texts under it. */
  count: number
}

export async function listKeys(send: Send, rooms: readonly SealedRoom[]): Promise<KeyState[]> {
  const { rows } = await send('select name, created_at, retired_at from platform.data_key order by number desc')
  const counts = (await Promise.all(rooms.map(({ sealed, context }) => sealed.count(context())))).flat()
  const current = (rows as KeyRow[]).find(({ retired_at }) => retired_at === null)?.name
  return (rows as KeyRow[]).map(({ name, created_at, retired_at }) => ({
    name,
    createdAt: created_at,
    retiredAt: retired_at ?? undefined,
    current: name === current,
    count: counts.filter(({ key }) => key === name).reduce((sum, { count }) => sum + count, 0),
  }))
}

import type { Context } from '#platform/context.ts'
import type { RoomDatabase } from '#platform/database.ts'
import { Problem } from '#platform/errors.ts'
import { type Listening, listenTo } from '#platform/listen.ts'
import { PING_CHANNEL } from '../queries/notices.ts'
import type { RecordsTables } from '../tables.ts'

type Database = Pick<RoomDatabase<RecordsTables>, 'key'>

const PER_PROCESS = 5_000
const PER_ACCOUNT = 5
/** RFC 6455 §7.4.1. */
const GOING_AWAY = 1_001
const POLICY = 1_008

/** One open websocket (follow.ts). */
export interface Bound {
  /** Something was written that the subscription of this key tells of. */
  wake(key: number): void
  close(code: number): void
}

/** The open websockets of one process, and what they are bound to. */
export class Sockets {
  readonly #all = new Set<Bound>()
  readonly #about = new Map<number, Set<Bound>>()
  readonly #of = new Map<string, Set<Bound>>()
  #draining = false

  refuseIfFull(): void {
    if (this.#draining || this.#all.size >= PER_PROCESS)
      throw new Problem('transient', 'No more websockets can be opened here at the moment; try again shortly.', {
        retryAfterSeconds: 5,
      })
  }

  add(bound: Bound): void {
    this.#all.add(bound)
    if (this.#draining) bound.close(GOING_AWAY) // it was on its way in when the server began to stop
  }

  /** Of more than so many of an account the oldest ends. */
  bind(bound: Bound, key: number, account: string): void {
    put(this.#about, key, bound)
    const own = put(this.#of, account, bound)
    if (own.size > PER_ACCOUNT) for (const oldest of [...own].slice(0, own.size - PER_ACCOUNT)) oldest.close(POLICY)
  }

  remove(bound: Bound): void {
    this.#all.delete(bound)
    for (const sets of [this.#about, this.#of])
      for (const [name, set] of sets as Map<number | string, Set<Bound>>)
        if (set.delete(bound) && set.size === 0) (sets as Map<number | string, Set<Bound>>).delete(name)
  }

  /** Where it is not known of what, of all: something may have been missed. */
  wake(topic: string | undefined): void {
    const woken =
      topic === undefined ? [...this.#about] : [[Number(topic), this.#about.get(Number(topic)) ?? []] as const]
    for (const [key, all] of woken) for (const bound of all) bound.wake(key)
  }

  drain(): void {
    this.#draining = true
    for (const bound of this.#all) bound.close(GOING_AWAY)
  }
}

function put<Key>(sets: Map<Key, Set<Bound>>, key: Key, bound: Bound): Set<Bound> {
  const set = sets.get(key) ?? new Set()
  sets.set(key, set.add(bound))
  return set
}

const open = new WeakMap<object, { sockets: Sockets; listening?: Listening }>()

function openOf({ key }: Database) {
  const there = open.get(key) ?? { sockets: new Sockets() }
  open.set(key, there)
  return there as { sockets: Sockets; listening?: Listening }
}

/** With the connection that hears what any process has committed: opened when it is first needed. */
export async function socketsOf({ database, config, room }: Context<RecordsTables>): Promise<Sockets> {
  const there = openOf(database)
  there.listening ??= listenTo({ url: config.databaseUrl.reveal(), room, channel: PING_CHANNEL }, (topic) =>
    there.sockets.wake(topic),
  )
  await there.listening.ready
  return there.sockets
}

export function drain(database: Database): void {
  openOf(database).sockets.drain()
}

export async function close(database: Database): Promise<void> {
  const there = open.get(database.key)
  open.delete(database.key)
  await there?.listening?.close()
}

import type { Context } from './context.ts'
import type { RoomDatabase } from './database.ts'
import { Streams } from './event-streams.ts'
import { type Listening, listenTo } from './listen.ts'

// The streams of a room in one process, and the connection that hears what any process has committed: opened when they are first needed, one of each.

interface Open {
  streams: Streams
  listening?: Listening
}

const open = new WeakMap<object, Open>()

function openOf({ key }: Pick<RoomDatabase<unknown>, 'key'>): Open {
  const there = open.get(key) ?? { streams: new Streams() }
  open.set(key, there)
  return there
}

/** Woken by what is notified on this channel, with the topic as its payload. */
export async function streamsOf(
  { database, config, room }: Pick<Context, 'config' | 'room'> & { database: Pick<RoomDatabase<unknown>, 'key'> },
  channel: string,
): Promise<Streams> {
  const there = openOf(database)
  there.listening ??= listenTo({ url: config.databaseUrl.reveal(), room, channel }, (topic) =>
    there.streams.wake(topic),
  )
  await there.listening.ready
  return there.streams
}

export function drainStreams({ key }: Pick<RoomDatabase<unknown>, 'key'>): void {
  open.get(key)?.streams.drain()
}

export async function closeStreams({ key }: Pick<RoomDatabase<unknown>, 'key'>): Promise<void> {
  const there = open.get(key)
  open.delete(key)
  await there?.listening?.close()
}

import type { Context } from '#platform/context.ts'
import type { RoomDatabase } from '#platform/database.ts'
import { type Listening, listenTo } from '#platform/listen.ts'
import { INBOX_CHANNEL } from './queries.ts'
import { openPostOffice, type PostOffice } from './sending/post-office.ts'
import { Streams } from './streams.ts'
import type { NotificationsTables } from './tables.ts'

/** What this room keeps open in a process beside its database: opened when it is first needed, one of each. */
interface OpenThings {
  streams: Streams
  listening?: Listening
  postOffices?: readonly PostOffice[]
}

const open = new WeakMap<object, OpenThings>()

function thingsOf({ key }: RoomDatabase<NotificationsTables>): OpenThings {
  const things = open.get(key) ?? { streams: new Streams() }
  open.set(key, things)
  return things
}

/** The streams of this process, woken by what any process commits. */
export async function streamsOf({ database, config, room }: Context<NotificationsTables>): Promise<Streams> {
  const things = thingsOf(database)
  const { streams } = things
  things.listening ??= listenTo({ url: config.databaseUrl.reveal(), room, channel: INBOX_CHANNEL }, (account) =>
    streams.wake(account),
  )
  await things.listening.ready
  return streams
}

/** In the order in which they are tried; none where no SMTP server is configured. */
export function postOfficesOf({ database, config }: Context<NotificationsTables>): readonly PostOffice[] {
  const things = thingsOf(database)
  things.postOffices ??= config.smtpUrls.map((url, n) =>
    openPostOffice(`smtp-${n + 1}`, url.reveal(), new URL(config.PUBLIC_URL).hostname),
  )
  return things.postOffices
}

export function drain({ key }: RoomDatabase<NotificationsTables>): void {
  open.get(key)?.streams.drain()
}

export async function close({ key }: RoomDatabase<NotificationsTables>): Promise<void> {
  const { listening, postOffices = [] } = open.get(key) ?? {}
  open.delete(key)
  for (const office of postOffices) office.close()
  await listening?.close()
}

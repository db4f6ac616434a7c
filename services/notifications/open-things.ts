import type { Context } from '#platform/context.ts'
import type { RoomDatabase } from '#platform/database.ts'
import { closeStreams } from '#platform/open-streams.ts'
import { openPostOffice, type PostOffice } from './post-office.ts'
import type { NotificationsTables } from './tables.ts'

/** What this room keeps open in a process beside its database and its streams: opened when it is first needed. */
const open = new WeakMap<object, PostOffice>()

/** Undefined where no SMTP server is configured. */
export function postOfficeOf({ database, config }: Context<NotificationsTables>): PostOffice | undefined {
  if (config.smtpUrl === undefined) return undefined
  const there = open.get(database.key) ?? openPostOffice(config.smtpUrl.reveal(), new URL(config.PUBLIC_URL).hostname)
  open.set(database.key, there)
  return there
}

export async function close(database: RoomDatabase<NotificationsTables>): Promise<void> {
  const postOffice = open.get(database.key)
  open.delete(database.key)
  postOffice?.close()
  await closeStreams(database)
}

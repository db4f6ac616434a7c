import type { Context } from '#platform/context.ts'
import type { RoomDatabase } from '#platform/database.ts'
import { closeStreams } from '#platform/open-streams.ts'
import { openPostOffice, type PostOffice } from './sending/post-office.ts'
import type { NotificationsTables } from './tables.ts'

/** What this room keeps open in a process beside its database and its streams: opened when it is first needed. */
const open = new WeakMap<object, readonly PostOffice[]>()

/** In the order in which they are tried; none where no SMTP server is configured. */
export function postOfficesOf({ database, config }: Context<NotificationsTables>): readonly PostOffice[] {
  const there =
    open.get(database.key) ??
    config.smtpUrls.map((url, n) => openPostOffice(`smtp-${n + 1}`, url.reveal(), new URL(config.PUBLIC_URL).hostname))
  open.set(database.key, there)
  return there
}

export async function close(database: RoomDatabase<NotificationsTables>): Promise<void> {
  const offices = open.get(database.key) ?? []
  open.delete(database.key)
  for (const office of offices) office.close()
  await closeStreams(database)
}

import type { Context } from '#platform/context.ts'
import type { RoomDatabase } from '#platform/database.ts'
import { closeStreams, drainStreams } from '#platform/open-streams.ts'
import type { Channel } from './channels.ts'
import { openPostOffice, type PostOffice } from './sending/post-office.ts'
import { Undelivered } from './sending/provider.ts'
import { Turns } from './sending/turns.ts'
import type { SmppProvider } from './sms/providers.ts'
import type { Line } from './sms/smpp/line.ts'
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

const turns = new WeakMap<object, Record<Channel, Turns>>()

/** So many mails are between a provider's yes and our record of it at most: as many may go twice when a process dies. */
export const HANDS = 16

/** Of texts and pushes: what carries them takes a few at a time. */
const OTHER_HANDS = 4

export function turnsOf({ database }: Context<NotificationsTables>, channel: Channel): Turns {
  const there = turns.get(database.key) ?? {
    email: new Turns(HANDS),
    sms: new Turns(OTHER_HANDS),
    push: new Turns(OTHER_HANDS),
  }
  turns.set(database.key, there)
  return there[channel]
}

interface Switchboard {
  dial(provider: SmppProvider): Promise<Line>
  lines: Map<string, Promise<Line>>
}

const switchboards = new WeakMap<object, Switchboard>()

/** Where lines of SMPP come from, once there is somebody who hears what is said on them. */
export function openSwitchboard({ database }: Context<NotificationsTables>, dial: Switchboard['dial']): void {
  switchboards.set(database.key, { dial, lines: new Map() })
}

/** One for each provider in a process. Throws Undelivered in one that does not serve. */
export function lineTo({ database }: Context<NotificationsTables>, provider: SmppProvider): Promise<Line> {
  const board = switchboards.get(database.key)
  if (!board) throw new Undelivered(`${provider.name} not-bound`)
  const line = board.lines.get(provider.name) ?? board.dial(provider)
  board.lines.set(provider.name, line)
  return line
}

/** When the server begins to stop. */
export function drain(database: Pick<RoomDatabase<NotificationsTables>, 'key'>): void {
  for (const one of Object.values(turns.get(database.key) ?? {})) one.end()
  drainStreams(database)
}

export async function close(database: RoomDatabase<NotificationsTables>): Promise<void> {
  const offices = open.get(database.key) ?? []
  open.delete(database.key)
  for (const office of offices) office.close()
  const lines = [...(switchboards.get(database.key)?.lines.values() ?? [])]
  switchboards.delete(database.key)
  await Promise.all(lines.map(async (line) => (await line).close()))
  await closeStreams(database)
}

import { type Examined, type Finding, good, look } from './finding.ts'

/** Offsets from UTC in seconds, by `zone instant`. */
export type Offsets = ReadonlyMap<string, number>

const MONTHS = [0, 3, 6, 9, 12, 18]

/** Whether Node and PostgreSQL know the same rules, this year and the next: governments change them at short notice. */
export async function zonesFinding({ owner, now }: Examined): Promise<Finding> {
  const instants = MONTHS.map((month) => new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + month, 15)))
  const here = offsetsOf(instants)
  const { rows } = await owner.query(
    `select z.name, i.at, extract(epoch from (i.at at time zone z.name) - (i.at at time zone 'UTC'))::int as seconds
     from unnest($1::text[]) z(name) join pg_timezone_names t on t.name = z.name cross join unnest($2::timestamptz[]) i(at)`,
    [Intl.supportedValuesOf('timeZone'), instants],
  )
  const there = new Map<string, number>(rows.map(({ name, at, seconds }) => [`${name} ${at.toISOString()}`, seconds]))
  return compareZones(here, there)
}

export function compareZones(here: Offsets, there: Offsets): Finding {
  const differing = new Set<string>()
  for (const [key, seconds] of there) if (here.get(key) !== seconds) differing.add(key.split(' ')[0] as string)
  const version = `tzdata ${process.versions.tz} in Node`
  if (differing.size === 0)
    return good(
      'time zones',
      `${version}, and the database agrees on ${new Set([...there.keys()].map((key) => key.split(' ')[0])).size} zones`,
    )
  return look(
    'time zones',
    `${version}, and the database has other rules for ${[...differing].slice(0, 5).join(', ')}${differing.size > 5 ? '…' : ''}`,
    'Appointments follow Node’s: update whichever is older (Node, or the server’s tzdata).',
  )
}

function offsetsOf(instants: readonly Date[]): Offsets {
  const offsets = new Map<string, number>()
  for (const zone of Intl.supportedValuesOf('timeZone')) {
    const format = new Intl.DateTimeFormat('en', { timeZone: zone, timeZoneName: 'longOffset' })
    for (const at of instants) {
      const name = format.formatToParts(at).find(({ type }) => type === 'timeZoneName')?.value ?? ''
      const [, sign, hours = '0', minutes = '0', seconds = '0'] =
        /GMT(?:([+-])(\d+):(\d+)(?::(\d+))?)?/.exec(name) ?? []
      const total = Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds)
      offsets.set(`${zone} ${at.toISOString()}`, sign === '-' ? -total : total)
    }
  }
  return offsets
}

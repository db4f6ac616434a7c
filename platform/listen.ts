import pg from 'pg'

// PostgreSQL's NOTIFY says that something was committed; what it was is read from the tables. So a lost connection loses nothing: when it
// is back, `heard` is called without a payload, and whoever listens looks for themselves.

export interface Listening {
  /** Settled once the first attempt to connect has ended, well or badly. */
  readonly ready: Promise<void>
  close(): Promise<void>
}

interface ListenOptions {
  url: string
  room: string
  channel: string
}

const FIRST_DELAY_MS = 250
const LONGEST_DELAY_MS = 10_000

/** A connection of its own that hears a channel, and comes back when it is lost. */
export function listenTo(options: ListenOptions, heard: (payload: string | undefined) => void): Listening {
  let client: pg.Client | undefined
  let timer: NodeJS.Timeout | undefined
  let delay = FIRST_DELAY_MS
  let closed = false

  async function connect(): Promise<void> {
    const mine = newClient(options)
    client = mine
    const lost = () => {
      if (closed || client !== mine) return
      client = undefined
      timer = setTimeout(connect, delay * (0.5 + Math.random()))
      delay = Math.min(delay * 2, LONGEST_DELAY_MS)
      mine.end().catch(() => {})
    }
    mine.on('error', lost).on('end', lost)
    mine.on('notification', ({ payload }) => heard(payload))
    try {
      await mine.connect()
      await mine.query(`listen ${pg.escapeIdentifier(options.channel)}`)
      delay = FIRST_DELAY_MS
      heard(undefined)
    } catch {
      lost()
    }
  }

  const ready = connect()
  return {
    ready,
    async close() {
      closed = true
      clearTimeout(timer)
      await ready
      await client?.end().catch(() => {})
    },
  }
}

const newClient = ({ url, room }: ListenOptions) =>
  new pg.Client({
    connectionString: url,
    application_name: `openhcs ${room} listening`,
    options: `-c role=openhcs_${room}`,
    connectionTimeoutMillis: 5_000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
  })

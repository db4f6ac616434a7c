import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { pipeline } from 'node:stream'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { openDatabase } from '#platform/database.ts'
import { keepWorking } from '#platform/jobs.ts'
import { copyTemplate, type TestDatabase } from '#platform/testing.ts'
import { startHouse, stopProcess } from '../processes.ts'
import { notes } from './rooms.ts'

async function notesDatabase(): Promise<TestDatabase & AsyncDisposable> {
  const database = await copyTemplate([notes])
  return { ...database, [Symbol.asyncDispose]: () => database.drop() }
}

/** Who is connected a second after somebody closed: long enough for whatever was on its way. The server itself may take longer to end a connection. */
async function connected({ ownerUrl }: TestDatabase): Promise<string[]> {
  const client = new pg.Client({ connectionString: ownerUrl })
  await client.connect()
  let names: string[] = []
  for (let seconds = 1; seconds === 1 || (names.length > 0 && seconds <= 30); seconds++) {
    await sleep(1_000)
    const { rows } = await client.query<{ application_name: string }>(
      `select application_name from pg_stat_activity
       where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'`,
    )
    names = rows.map((row) => row.application_name)
  }
  await client.end()
  return names
}

/** The same database behind a way that is cut at first, and takes half a second to open later on. */
async function farDatabase({ appUrl }: TestDatabase) {
  const { host, port, user, password, database } = new pg.Client(appUrl)
  let open = false
  const server = createServer((socket) => {
    if (!open) return socket.destroy()
    setTimeout(() => {
      const onward = connect(host.startsWith('/') ? { path: `${host}/.s.PGSQL.${port}` } : { host, port })
      pipeline(socket, onward, socket, () => {})
    }, 500)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port: farPort } = server.address() as AddressInfo
  return {
    url: `postgresql://${user}:${password}@127.0.0.1:${farPort}/${database}`,
    open: () => (open = true),
    [Symbol.asyncDispose]: async () => void server.close(),
  }
}

describe('what is closed', () => {
  it('opens no new connection for jobs that were committed just before', async () => {
    await using database = await notesDatabase()
    const room = openDatabase({
      pooled: false,
      named: true,
      url: database.appUrl,
      room: 'notes',
      planOnce: false,
      poolSize: 1,
      statementSeconds: 5,
    })
    await room.db.selectNoFrom((eb) => eb.lit(1).as('one')).execute()
    room.wake(1)
    await room.close()
    assert.deepEqual(await connected(database), [])
  })

  it('starts no job engine any more that was about to start again', async () => {
    await using database = await notesDatabase()
    await using far = await farDatabase(database)
    const engine = await keepWorking({ url: far.url, tasks: {}, crontab: '', log() {} })
    far.open()
    await sleep(1_250) // the engine starts again after a second, and needs half a one to connect
    await engine.stop()
    assert.deepEqual(await connected(database), [])
  })
})

describe('a process that something keeps', () => {
  it('ends by itself within its time, and says what it was', async () => {
    const keep = `data:text/javascript,${encodeURIComponent('setInterval(() => {}, 1000)')}`
    await using house = await startHouse('together', { NODE_OPTIONS: `--import ${keep}`, SHUTDOWN_SECONDS: '2' })
    const [child] = house.processes
    assert.ok(child?.stdout)
    let output = ''
    child.stdout.on('data', (chunk) => (output += chunk))
    const ended = once(child, 'exit')
    assert.equal(await stopProcess(child), 1)
    await ended
    assert.match(output, /did not end in time/)
    assert.match(output, /"open":\[.*"Timeout"/)
  })
})

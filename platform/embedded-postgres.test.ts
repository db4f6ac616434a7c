import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { startEmbeddedPostgres } from './embedded-postgres.ts'

const root = join(import.meta.dirname, '..')
const isRoot = process.getuid?.() === 0
const homes: string[] = []

after(async () => {
  for (const home of homes) await remove(home)
})

describe('startEmbeddedPostgres', () => {
  it('serves both logins, and the application may create nothing', async () => {
    await using server = await start(newHome())

    assert.deepEqual(await query(server.ownerUrl, 'select current_user as name, current_database() as db'), [
      { name: 'openhcs_owner', db: 'openhcs' },
    ])
    assert.deepEqual(await query(server.appUrl, "select current_user as name, lower('ÀÉ') as folded"), [
      { name: 'openhcs_app', folded: 'àé' },
    ])
    for (const sql of ['create table t (id int)', 'create schema s', 'create role r', 'create extension pg_trgm'])
      await assert.rejects(query(server.appUrl, sql), { code: '42501' }, sql)
  })

  it('keeps the passwords to itself and asks for them', async () => {
    await using server = await start(newHome())

    for (const login of ['owner', 'app'])
      assert.equal(fs.statSync(join(server.dataDirectory, `../${login}.password`)).mode & 0o777, 0o600)
    await assert.rejects(query(server.appUrl.replace(/app:[^@]+/, 'app:guess'), 'select 1'), { code: '28P01' })
  })

  it('finds its data again after a stop', async () => {
    const home = newHome()
    const first = await start(home)
    await query(first.ownerUrl, 'create table kept as select 42 as answer')
    await first.stop()
    await assert.rejects(query(first.ownerUrl, 'select 1'))

    await using second = await start(home)
    assert.deepEqual(await query(second.ownerUrl, 'select answer from kept'), [{ answer: 42 }])
  })

  it('adopts a running server and leaves it running', async () => {
    const home = newHome()
    await using first = await start(home)
    const second = await start(home)
    await second.stop()

    assert.equal(second.ownerUrl, first.ownerUrl)
    assert.equal((await query(first.ownerUrl, 'select 1')).length, 1)
  })

  it('adopts the server of a process that was killed', async () => {
    const home = newHome()
    const starter = startElsewhere(home, 'process.kill(process.pid, "SIGKILL")')
    await once(starter, 'exit')
    const before = postmaster(home)
    assert.ok(before)

    const server = await start(home)
    assert.equal(postmaster(home), before)
    assert.equal((await query(server.appUrl, 'select 1')).length, 1)
  })

  it('recovers when the server itself was killed', async () => {
    const home = newHome()
    const first = await start(home, true)
    await query(first.ownerUrl, 'create table kept as select 42 as answer')
    const pid = postmaster(home)
    process.kill(pid, 'SIGKILL')

    await using second = await start(home, true)
    assert.notEqual(postmaster(home), pid)
    assert.deepEqual(await query(second.ownerUrl, 'select answer from kept'), [{ answer: 42 }])
  })

  it('is not stopped by the lock of a dead server, even when its process id now belongs to another', async () => {
    const home = newHome()
    const first = await start(home)
    const lockFile = join(first.dataDirectory, 'postmaster.pid')
    const lock = fs.readFileSync(lockFile, 'utf8').split('\n')
    const { uid, gid } = fs.statSync(first.dataDirectory)
    await first.stop()
    const stranger = spawn('sleep', ['60'], { ...(isRoot ? { uid, gid } : {}), stdio: 'ignore' })
    try {
      for (const file of [lockFile, join(lock[4] ?? '', '.s.PGSQL.5432.lock')]) {
        fs.writeFileSync(file, [stranger.pid, ...lock.slice(1)].join('\n'), { mode: 0o600 })
        if (isRoot) fs.chownSync(file, uid, gid)
      }
      await using second = await start(home)
      assert.equal((await query(second.appUrl, 'select 1')).length, 1)
    } finally {
      stranger.kill()
    }
  })

  it('starts one server for several starters at once', async () => {
    const home = newHome()
    const starters = [1, 2, 3].map(() => startElsewhere(home, 'process.exit(0)'))
    const codes = await Promise.all(starters.map(async (starter) => (await once(starter, 'exit'))[0]))

    assert.deepEqual(codes, [0, 0, 0])
    await using server = await start(home)
    assert.equal((await query(server.appUrl, 'select 1')).length, 1)
    const leftovers = fs.readdirSync(home).filter((name) => name.includes('.new-'))
    assert.deepEqual(leftovers, [])
  })

  it('works below a path that is too long for a socket', async () => {
    const home = join(newHome(), 'a long name with spaces, and a comma'.repeat(4))
    homes.unshift(home)
    await using server = await start(home)
    assert.equal((await query(server.appUrl, 'select 1')).length, 1)
  })

  it('run by root, finds another place when the folder is closed to others', { skip: !isRoot }, async () => {
    const home = newHome(0o700)
    await using server = await start(home)

    assert.match(server.dataDirectory, /^\/var\/lib\/openhcs\//)
    assert.equal(fs.realpathSync(join(home, 'postgres/data')), server.dataDirectory)
    assert.equal((await query(server.appUrl, 'select 1')).length, 1)
  })
})

function start(home: string, durable = false) {
  return startEmbeddedPostgres({ home, durable, maxConnections: 20 })
}

function startElsewhere(home: string, then: string) {
  const options = JSON.stringify({ home, durable: false, maxConnections: 20 })
  const script = `import { startEmbeddedPostgres } from '#platform/embedded-postgres.ts'
    await startEmbeddedPostgres(${options})
    ${then}`
  return spawn(process.execPath, ['--input-type=module', '-e', script], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
}

function newHome(mode = 0o755) {
  const home = fs.mkdtempSync(join(fs.realpathSync(tmpdir()), 'openhcs-postgres-'))
  fs.chmodSync(home, mode)
  homes.push(home)
  return home
}

function postmaster(home: string) {
  const lock = join(home, 'postgres/data/postmaster.pid')
  return fs.existsSync(lock) ? Number(fs.readFileSync(lock, 'utf8').split('\n')[0]) : 0
}

async function query(connectionString: string, sql: string) {
  const client = new pg.Client({ connectionString })
  client.on('error', () => {}) // servers are killed here
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}

/** Stops by process id what a test left running, then removes its files. */
async function remove(home: string) {
  const pid = postmaster(home)
  if (pid) process.kill(pid, 'SIGINT')
  while (postmaster(home)) await sleep(10)
  const folder = join(home, 'postgres')
  const link = fs.lstatSync(folder, { throwIfNoEntry: false })?.isSymbolicLink()
  if (link && dirname(fs.readlinkSync(folder)) === '/var/lib/openhcs')
    fs.rmSync(fs.readlinkSync(folder), { recursive: true, force: true })
  fs.rmSync(home, { recursive: true, force: true })
}

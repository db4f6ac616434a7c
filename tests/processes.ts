import { type ChildProcess, spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { copyTemplate, type TestDatabase } from '#platform/testing.ts'
import { everything } from '#services.ts'

export type Form = 'together' | 'apart'
/** On the oldest PostgreSQL one is enough: what differs there is the database, and not how many ask it. */
export const forms: readonly Form[] = process.env.TEST_ON_OLDEST ? ['together'] : ['together', 'apart']
export const inWords = { together: 'with all rooms in one process', apart: 'with each room in its own process' }

export interface Answer {
  status: number
  headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: journeys look into answers whose shape they assert
  body: any
}

interface Asking {
  token?: string | undefined
  body?: unknown
  headers?: Record<string, string>
  raw?: { type: string; content: Buffer }
}

/** The house as real processes: all rooms in one, or each in its own. */
export interface RunningHouse extends AsyncDisposable {
  readonly databaseUrls: { appUrl: string; ownerUrl: string }
  readonly processes: readonly ChildProcess[]
  /** Stops all processes, and starts them where they were under other settings. */
  restart(env: Record<string, string>): Promise<void>
  /** Where each process listens, in the order of the rooms. */
  readonly origins: readonly string[]
  /** Asks the processes in turn, as a balancer does that knows nothing of rooms. */
  ask(method: string, path: string, options?: Asking): Promise<Answer>
  /** Runs a command of the installation, with text on its standard input, and under other settings where they are given. */
  command(args: string[], input?: string, env?: Record<string, string>): Promise<{ code: number; output: string }>
}

const main = new URL('../main.ts', import.meta.url).pathname
/** A process that starts reads 700 files: with what the one before it made of them it is ready after 1.8 s of a core, and not 2.8. */
const NODE_COMPILE_CACHE = new URL('../node_modules/.cache/compiled', import.meta.url).pathname

type Settings = Record<string, string>

/** Settings may hang on the database that the house is given. */
export async function startHouse(
  form: Form,
  given: Settings | ((database: TestDatabase) => Promise<Settings>) = {},
): Promise<RunningHouse> {
  const database = await copyTemplate(everything)
  const env = typeof given === 'function' ? await given(database) : given
  const home = await mkdtemp(join(tmpdir(), 'openhcs-house-'))
  const groups = form === 'together' ? [''] : everything.map(({ name }) => name)
  const origins = (await Promise.all(groups.map(freePort))).map((port) => `http://127.0.0.1:${port}`)
  const remotes = groups.map((room, i) => `${room}=${origins[i]}`).join()
  const settings = {
    ...process.env,
    NODE_COMPILE_CACHE,
    OPENHCS_HOME: home,
    DATABASE_URL: database.appUrl,
    DATABASE_OWNER_URL: database.ownerUrl,
    DATABASE_POOL_SIZE: '4',
    HOST: '127.0.0.1',
    LOG_LEVEL: 'error',
    OPENHCS_SECRET_KEY: '0'.repeat(64),
    ...(form === 'apart' && { OPENHCS_REMOTES: remotes, TRUST_PROXY: '127.0.0.1' }),
    ...env,
  }
  /** All, or none. */
  const startAll = async () => {
    const starts = await Promise.allSettled(
      origins.map((origin, i) =>
        startProcess({ ...settings, PORT: new URL(origin).port, OPENHCS_SERVICES: groups[i] }, origin),
      ),
    )
    const started = starts.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
    const failed = starts.find((one) => one.status === 'rejected')
    if (!failed) return started
    await Promise.all(started.map(stopProcess))
    throw failed.reason
  }
  const close = async (processes: readonly ChildProcess[]) => {
    await Promise.all(processes.map(stopProcess))
    await database.drop()
    await rm(home, { recursive: true, force: true })
  }
  const processes = await startAll().catch(async (error) => {
    await close([])
    throw error
  })
  let turn = 0
  return {
    databaseUrls: database,
    processes,
    origins,
    ask: (method, path, options) => request(`${origins[turn++ % origins.length]}${path}`, method, options),
    command: (args, input, env) => runCommand(args, { ...settings, ...env }, input),
    async restart(env) {
      await Promise.all(processes.map(stopProcess))
      Object.assign(settings, env)
      processes.splice(0, Number.POSITIVE_INFINITY, ...(await startAll()))
    },
    [Symbol.asyncDispose]: () => close(processes),
  }
}

export async function request(
  url: string,
  method: string,
  { token, body, headers = {}, raw }: Asking = {},
): Promise<Answer> {
  const payload = raw ? new Uint8Array(raw.content) : body === undefined ? null : JSON.stringify(body)
  const type = raw?.type ?? (body === undefined ? undefined : 'application/json')
  const response = await fetch(url, {
    method,
    body: payload,
    headers: { ...(token && { authorization: `Bearer ${token}` }), ...(type && { 'content-type': type }), ...headers },
  })
  const text = await response.text()
  return {
    status: response.status,
    headers: response.headers,
    body: /\bjson\b/.test(response.headers.get('content-type') ?? '') && text ? JSON.parse(text) : text,
  }
}

/**
 * A port that nobody else is given while this process lives: the one above it is held, and who finds either taken looks on. A port that is merely free now may be another
 * house's two seconds later, when it is listened at, and that one answers to `/readyz` too. Below 32,768, where Linux lets no outgoing connection begin.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 2 * randomInt(6_000, 16_000)
    const [found, held] = await Promise.all([port, port + 1].map(listening))
    if (found) await new Promise((closed) => found.close(closed))
    if (found && held) return port
    held?.close()
  }
}

/** Undefined where the port is taken. What listens keeps no process alive. */
async function listening(port: number): Promise<Server | undefined> {
  const server = createServer().unref()
  server.listen(port, '127.0.0.1')
  return once(server, 'listening').then(
    () => server,
    () => undefined,
  )
}

async function startProcess(env: Record<string, string | undefined>, origin: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, [main, 'start'], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (output += chunk))
  for (let attempt = 0; attempt < 900; attempt++) {
    if (child.exitCode !== null) throw new Error(`The house stopped at once:\n${output}`)
    const ready = await fetch(`${origin}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    )
    if (ready) return child
    await new Promise((next) => setTimeout(next, 100))
  }
  await stopProcess(child)
  throw new Error(`The house did not become ready:\n${output}`)
}

export async function stopProcess(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode
  child.kill('SIGTERM')
  const late = setTimeout(() => child.kill('SIGKILL'), 30_000)
  await once(child, 'exit')
  clearTimeout(late)
  return child.exitCode
}

async function runCommand(
  args: string[],
  env: Record<string, string | undefined>,
  input = '',
): Promise<{ code: number; output: string }> {
  const child = spawn(process.execPath, [main, ...args], { env, stdio: ['pipe', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
  child.stdin.end(input)
  const [code] = await once(child, 'exit')
  return { code, output }
}

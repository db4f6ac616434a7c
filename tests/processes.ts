import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { copyTemplate } from '#platform/testing.ts'
import { everything } from '#services.ts'

export type Form = 'together' | 'apart'

export interface Answer {
  status: number
  headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: journeys look into answers whose shape they assert
  body: any
}

/** The house as real processes: all rooms in one, or each in its own. */
export interface RunningHouse extends AsyncDisposable {
  readonly databaseUrls: { appUrl: string; ownerUrl: string }
  readonly processes: readonly ChildProcess[]
  ask(
    method: string,
    path: string,
    options?: {
      token?: string | undefined
      body?: unknown
      headers?: Record<string, string>
      raw?: { type: string; content: Buffer }
    },
  ): Promise<Answer>
  /** Where the room that serves this path listens. */
  originOf(method: string, path: string): string
  /** Runs a command of the installation, with text on its standard input, and under other settings where they are given. */
  command(args: string[], input?: string, env?: Record<string, string>): Promise<{ code: number; output: string }>
}

const main = new URL('../main.ts', import.meta.url).pathname

export async function startHouse(form: Form, env: Record<string, string> = {}): Promise<RunningHouse> {
  const database = await copyTemplate(everything)
  const home = await mkdtemp(join(tmpdir(), 'openhcs-house-'))
  const shared = {
    ...process.env,
    OPENHCS_HOME: home,
    DATABASE_URL: database.appUrl,
    DATABASE_OWNER_URL: database.ownerUrl,
    DATABASE_POOL_SIZE: '4',
    HOST: '127.0.0.1',
    LOG_LEVEL: 'error',
    OPENHCS_SECRET_KEY: '0'.repeat(64),
    ...env,
  }
  const rooms = everything.map(({ name }) => name)
  const groups = form === 'together' ? [rooms] : rooms.map((room) => [room])
  const ports = await Promise.all(groups.map(freePort))
  const origins = new Map(
    groups.flatMap((group, i) => group.map((room) => [room, `http://127.0.0.1:${ports[i]}`] as const)),
  )
  const remotes = [...origins].map(([room, origin]) => `${room}=${origin}`).join()
  const processes = await Promise.all(
    groups.map((group, i) =>
      startProcess(
        {
          ...shared,
          PORT: String(ports[i]),
          OPENHCS_SERVICES: form === 'together' ? '' : group.join(),
          OPENHCS_REMOTES: form === 'together' ? '' : remotes,
        },
        `http://127.0.0.1:${ports[i]}`,
      ),
    ),
  )
  const originOf = (method: string, path: string) => origins.get(roomOf(method, path)) as string
  return {
    databaseUrls: database,
    processes,
    originOf,
    ask: (method, path, options = {}) => request(`${originOf(method, path)}${path}`, method, options),
    command: (args, input, env) => runCommand(args, { ...shared, ...env }, input),
    async [Symbol.asyncDispose]() {
      await Promise.all(processes.map(stopProcess))
      await database.drop()
      await rm(home, { recursive: true, force: true })
    },
  }
}

function roomOf(method: string, path: string): string {
  const [bare = ''] = path.split('?')
  const fits = everything.flatMap(({ name, routes }) =>
    routes
      .filter(
        ({ operation }) =>
          operation.access !== 'house' && operation.method === method && patternOf(operation.url).test(bare),
      )
      .map(({ operation }) => ({ name, operation })),
  )
  // A fixed path is nearer than one with a parameter, as in the router.
  const [best] = fits.sort((a, b) => a.operation.url.split(':').length - b.operation.url.split(':').length)
  return best?.name ?? (everything[0]?.name as string)
}

const patternOf = (url: string) => new RegExp(`^${url.replace(/:\w+/g, '[^/]+')}$`)

async function request(
  url: string,
  method: string,
  { token, body, headers = {}, raw }: NonNullable<Parameters<RunningHouse['ask']>[2]>,
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
    body: /json/.test(response.headers.get('content-type') ?? '') && text ? JSON.parse(text) : text,
  }
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}

async function startProcess(env: Record<string, string | undefined>, origin: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, [main, 'start'], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (output += chunk))
  for (let attempt = 0; attempt < 300; attempt++) {
    if (child.exitCode !== null) throw new Error(`The house stopped at once:\n${output}`)
    const ready = await fetch(`${origin}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    )
    if (ready) return child
    await new Promise((next) => setTimeout(next, 100))
  }
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

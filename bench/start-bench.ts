import { spawn } from 'node:child_process'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort, stopProcess } from '../tests/processes.ts'

export interface StartFigures {
  /** Seconds until the first request is answered: with a database to make and the demonstration to load, and with both there. */
  first: number
  later: number
}

const main = new URL('../main.ts', import.meta.url).pathname
const LIMIT_MS = 120_000

/** As `make start` does it, with packages installed. */
export async function benchStart(): Promise<StartFigures> {
  const home = await mkdtemp(join(tmpdir(), 'openhcs-start-'))
  await chmod(home, 0o755) // a server that root starts runs under another account, and must reach its data
  try {
    return { first: await start(home), later: await start(home) }
  } finally {
    await rm(home, { recursive: true, force: true })
  }
}

async function start(home: string): Promise<number> {
  const port = await freePort()
  const { DATABASE_URL: _url, DATABASE_OWNER_URL: _owner, ...env } = process.env
  const began = performance.now()
  const child = spawn(process.execPath, [main, 'start'], {
    env: {
      ...env,
      OPENHCS_HOME: home,
      OPENHCS_DEMO: 'true',
      PORT: String(port),
      HOST: '127.0.0.1',
      LOG_LEVEL: 'error',
    },
    stdio: ['ignore', 'ignore', 'ignore'],
  })
  try {
    while (!(await answers(port))) {
      if (child.exitCode !== null) throw new Error('The house ended before it answered')
      if (performance.now() - began > LIMIT_MS) throw new Error('The house did not answer')
      await sleep(20)
    }
    return (performance.now() - began) / 1_000
  } finally {
    await stopProcess(child)
  }
}

const answers = (port: number) =>
  fetch(`http://127.0.0.1:${port}/v1/specialities`).then(
    () => true,
    () => false,
  )

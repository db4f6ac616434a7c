import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { needPackages } from '#infra/need-packages.ts'
import { freePort } from './processes.ts'

const RADICALE = '/usr/bin/radicale'

/** Why it cannot be tried here; undefined: it can. Root gets Debian's where it is missing. */
export function lacksRadicale(): string | undefined {
  try {
    needPackages('A calendar elsewhere', { radicale: RADICALE })
    return undefined
  } catch {
    return 'left out: Radicale, which is not here (Debian: radicale)'
  }
}

/** Somebody else's CalDAV server (radicale.org), with one calendar of one person on it. */
export interface Radicale extends AsyncDisposable {
  /** Of the collection. */
  url: string
  user: string
  password: string
  /** Puts an entry there: lines of an event. */
  put(name: string, event: string[]): Promise<void>
  delete(name: string): Promise<void>
}

export async function startRadicale(): Promise<Radicale> {
  const port = await freePort()
  const folder = fs.mkdtempSync(join(fs.realpathSync(tmpdir()), 'openhcs-radicale-'))
  const [user, password] = ['okello', 'salt-harbour']
  fs.writeFileSync(join(folder, 'users'), `${user}:${password}\n`, { mode: 0o600 })
  fs.writeFileSync(
    join(folder, 'config'),
    `[server]\nhosts = 127.0.0.1:${port}\n[auth]\ntype = htpasswd\nhtpasswd_filename = ${join(folder, 'users')}\nhtpasswd_encryption = plain\ndelay = 0\n[storage]\nfilesystem_folder = ${join(folder, 'collections')}\n[web]\ntype = none\n`,
  )
  const child = spawn(RADICALE, ['--config', join(folder, 'config')], { cwd: folder, env: {}, stdio: 'ignore' })
  const url = `http://127.0.0.1:${port}/${user}/diary/`
  const authorization = `Basic ${btoa(`${user}:${password}`)}`
  const ask = async (method: string, path: string, body?: string) => {
    const answer = await fetch(new URL(path, url), {
      ...{ method, headers: { authorization, 'content-type': 'text/calendar' } },
      ...(body !== undefined && { body }),
    })
    await answer.arrayBuffer()
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status}`)
  }
  await untilItAnswers(() => ask('MKCALENDAR', ''), child)
  return {
    ...{ url, user, password },
    put: (name, event) =>
      ask(
        'PUT',
        `${name}.ics`,
        ['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//Elsewhere//EN', ...event, 'END:VCALENDAR', ''].join('\r\n'),
      ),
    delete: (name) => ask('DELETE', `${name}.ics`),
    async [Symbol.asyncDispose]() {
      const ended = once(child, 'exit')
      if (child.exitCode === null && child.kill()) await ended
      fs.rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function untilItAnswers(ask: () => Promise<void>, child: ChildProcess): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await ask()
    } catch (error) {
      if (attempt === 200 || child.exitCode !== null) throw error
      await sleep(100)
    }
  }
}

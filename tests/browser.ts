import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { needPackages } from '#infra/need-packages.ts'

/** Debian's: the same browser without windows. */
const BROWSER = '/usr/lib/chromium/chromium-headless-shell'

/** Why no page can be looked at here; undefined: it can. Root gets Debian's browser where it is missing. */
export function lacksBrowser(): string | undefined {
  try {
    needPackages('A browser', { 'chromium-headless-shell': BROWSER })
    return existsSync(BROWSER) ? undefined : 'left out: a browser, which is not where Debian has it'
  } catch {
    return 'left out: a browser, which is not here (Debian: chromium-headless-shell)'
  }
}

interface Message {
  id?: number
  method?: string
  params?: Record<string, unknown>
  result?: Record<string, unknown>
  error?: { message: string }
  sessionId?: string
}

export interface Tab {
  /** Of the DevTools protocol. */
  send(method: string, params?: object): Promise<Record<string, unknown>>
  /** What an expression is in the page, also when it is promised. */
  ask<T>(expression: string): Promise<T>
  /** Addresses that the page has asked for, whether it got them or not. */
  asked: string[]
  /** What it complained of. */
  complaints: string[]
}

/** A browser that reaches nothing, since no name has an address for it, or this host alone. */
export async function openBrowser(host?: string): Promise<{ open(url: string): Promise<Tab> } & AsyncDisposable> {
  const home = mkdtempSync(join(tmpdir(), 'openhcs-browser-'))
  const child = spawn(
    BROWSER,
    [
      ...['--remote-debugging-port=0', `--user-data-dir=${home}`, '--no-sandbox', '--disable-gpu', '--no-first-run'],
      `--host-resolver-rules=MAP * ~NOTFOUND${host === undefined ? '' : `, EXCLUDE ${host}`}`,
      ...['--disable-background-networking', 'about:blank'],
    ],
    { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, HOME: home } },
  )
  const address = await new Promise<string>((resolve, reject) => {
    child.once('exit', () => reject(new Error('The browser ended before it was asked anything')))
    createInterface(child.stderr).on('line', (line) => {
      const [, found] = /^DevTools listening on (ws:\S+)$/.exec(line) ?? []
      if (found) resolve(found)
    })
  })
  const socket = new WebSocket(address)
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve)
    socket.addEventListener('error', reject)
  })
  return {
    open: (url) => openTab(socket, url, host === undefined),
    async [Symbol.asyncDispose]() {
      socket.close()
      child.kill('SIGKILL')
      await once(child, 'close')
      rmSync(home, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

let messages = 0

function asking(socket: WebSocket, sessionId?: string): Tab['send'] {
  return (method, params = {}) =>
    new Promise((resolve, reject) => {
      const id = ++messages
      const hear = ({ data }: MessageEvent) => {
        const message = JSON.parse(String(data)) as Message
        if (message.id !== id) return
        socket.removeEventListener('message', hear)
        if (message.error) reject(new Error(message.error.message))
        else resolve(message.result ?? {})
      }
      socket.addEventListener('message', hear)
      socket.send(JSON.stringify({ id, method, params, ...(sessionId && { sessionId }) }))
    })
}

async function openTab(socket: WebSocket, url: string, offline: boolean): Promise<Tab> {
  const house = asking(socket)
  const { targetId } = await house('Target.createTarget', { url: 'about:blank' })
  const { sessionId } = await house('Target.attachToTarget', { targetId, flatten: true })
  const send = asking(socket, String(sessionId))
  const [asked, complaints]: string[][] = [[], []]
  const loaded = new Promise<void>((resolve) => {
    socket.addEventListener('message', ({ data }) => {
      const { method, params = {}, sessionId: of } = JSON.parse(String(data)) as Message
      if (of !== sessionId) return
      if (method === 'Network.requestWillBeSent') asked?.push((params.request as { url: string }).url)
      if (method === 'Log.entryAdded') complaints?.push((params.entry as { text: string }).text)
      if (method === 'Runtime.exceptionThrown') complaints?.push(JSON.stringify(params.exceptionDetails))
      if (method === 'Page.loadEventFired') resolve()
    })
  })
  for (const domain of ['Page', 'Network', 'Runtime', 'Log']) await send(`${domain}.enable`)
  await send('Network.emulateNetworkConditions', {
    ...{ offline, latency: 0, downloadThroughput: -1, uploadThroughput: -1 },
  })
  await send('Page.navigate', { url })
  await loaded
  return {
    send,
    asked: asked ?? [],
    complaints: complaints ?? [],
    async ask<T>(expression: string) {
      const { result, exceptionDetails } = await send('Runtime.evaluate', {
        ...{ expression, awaitPromise: true, returnByValue: true },
      })
      if (exceptionDetails) throw new Error(JSON.stringify(exceptionDetails))
      return (result as { value: T }).value
    },
  }
}

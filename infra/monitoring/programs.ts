import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'

export interface Program extends AsyncDisposable {
  url: string
}

/** Starts a program that answers at `url`, and waits until it does. */
export async function startProgram(name: string, args: readonly string[], url: string): Promise<Program> {
  const child = spawn(name, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
  const failed = once(child, 'error').then(([error]) => Promise.reject(error))
  failed.catch(() => {})
  for (let attempt = 0; attempt < 300; attempt++) {
    if (child.exitCode !== null) throw new Error(`${name} ended at once:\n${output.slice(-2_000)}`)
    const ready = await Promise.race([
      fetch(`${url}/-/ready`).then(
        ({ ok }) => ok,
        () => false,
      ),
      failed,
    ])
    if (ready) return { url, [Symbol.asyncDispose]: () => stop(child) }
    await new Promise((next) => setTimeout(next, 100))
  }
  await stop(child)
  throw new Error(`${name} did not become ready:\n${output.slice(-2_000)}`)
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  const late = setTimeout(() => child.kill('SIGKILL'), 10_000)
  await ended
  clearTimeout(late)
}

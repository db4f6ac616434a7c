import { loadConfig } from '#platform/config.ts'

/** Whether the house on this machine can serve, as an exit code: for images without a shell, whose health is asked for from inside. */
export async function ready(): Promise<void> {
  const answer = await fetch(`http://127.0.0.1:${loadConfig().PORT}/readyz`).catch(() => undefined)
  process.stdout.write(`${answer ? await answer.text() : 'nobody answers'}\n`)
  process.exitCode = answer?.ok ? 0 : 1
}

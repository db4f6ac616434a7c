import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { removeAbandonedPostgres } from '#platform/throw-away-postgres.ts'

const root = join(import.meta.dirname, '..')

export interface TestRun {
  passed: boolean
  /** How many, what failed with the beginning of why, and what was left out: whoever sees the end of a long log alone sees these. */
  closing: string
}

export interface TestRunOptions {
  env?: NodeJS.ProcessEnv
  /** Whoever is told, as it comes. */
  print?(text: string): void
}

/** Runs files of tests, two at a time. Prints a line for each, and what failed in full. */
export async function runTests(
  files: string[],
  { env = process.env, print = (text) => void process.stdout.write(text) }: TestRunOptions = {},
): Promise<TestRun> {
  const args = [
    '--import=./scripts/whole-verdicts.ts',
    '--test',
    '--test-concurrency=2',
    '--test-timeout=600000',
    // A file that leaves a socket open would never end. It skips the global teardown, hence the last line below.
    '--test-force-exit',
    '--test-global-setup=tests/global-setup.ts',
    '--test-reporter=./scripts/test-reporter.ts',
    '--test-reporter-destination=stdout',
    ...files,
  ]
  // A run within a test would otherwise take itself for a file of that one's.
  const { NODE_TEST_CONTEXT: _, ...own } = env
  const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'], env: own })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    print(text)
    output += text
  })
  const [code] = await once(child, 'close')
  await removeAbandonedPostgres()
  return { passed: code === 0, closing: closingLines(output) }
}

function closingLines(output: string): string {
  const count = (what: string) => new RegExp(`^ℹ ${what} (\\d+)$`, 'm').exec(output)?.[1] ?? 0
  const failures = [...output.matchAll(/^✖ (.* \([\w/.-]+\.test\.\w+:\d+\))((?:\n {4}.*){0,5})/gm)].map(
    ([, name, why = '']) => `✖ ${name} ${why.replace(/\s+/g, ' ').trim().slice(0, 400)}`,
  )
  const files = output.match(/^✖ [\w/.-]+\.test\.\w+ \(.*\)$/gm) ?? []
  const leftOut = new Set(output.match(/^ℹ left out.*$/gm))
  const counts = `${count('pass')} passed, ${count('fail')} failed, ${count('skipped')} skipped`
  return [counts, ...leftOut, ...failures, ...files].join('\n')
}

import { spawnSync } from 'node:child_process'

export interface RunOptions {
  env?: Record<string, string>
  input?: string
  cwd?: string
}

/** Runs a program to its end and gives what it printed; an exit code other than 0 is an error that carries what it complained of. */
export function run(program: string, args: readonly string[], { env = {}, input, cwd }: RunOptions = {}): string {
  const options = { encoding: 'utf8' as const, env: { ...process.env, ...env }, maxBuffer: 64 * 2 ** 20, input, cwd }
  const { status, stdout, stderr, error } = spawnSync(program, args, options)
  if (error) throw error
  if (status !== 0)
    throw new Error(
      `${program} ${args.join(' ')} ended with ${status}:\n${stderr.slice(-4_000)}${stdout.slice(-2_000)}`,
    )
  return stdout.trim()
}

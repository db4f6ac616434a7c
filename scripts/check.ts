/**
 * Everything that must hold before a change is merged:
 *   node scripts/check.ts                    all checks, the tests that lean on the database on its oldest version, those beside what they test, counting
 *                                            what they reach, then those in tests/
 *   node scripts/check.ts --only=static      the checks without the tests; `tests`, or one of them by its name
 *   node scripts/check.ts <file>…            these test files and nothing else
 */
import { spawn } from 'node:child_process'
import { globSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { generators } from './generate.ts'
import { OLDEST, oldestPrograms, startOldest } from './oldest-postgres.ts'
import { runTests, type TestRun } from './run-tests.ts'
import { styleProblems } from './style.ts'

const root = join(import.meta.dirname, '..')
const bin = (path: string) => join(root, 'node_modules', path)

interface Check {
  name: string
  /** What is wrong, in words; empty when nothing is. */
  run(): Promise<string>
}

const command = (name: string, args: string[]): Check => ({ name, run: () => complaintOf(args) })

const checks: Check[] = [
  command('walls', ['scripts/walls.ts']),
  command('types', [bin('ts7/bin/tsc'), '--project', '.', '--pretty', 'false']),
  command('format and lint', [
    bin('@biomejs/biome/bin/biome'),
    'ci',
    '--error-on-warnings',
    '--colors=off',
    '--max-diagnostics=200',
  ]),
  command('unused code', [bin('knip/bin/knip.js')]),
  command('licences', ['scripts/licences.ts']),
  command('secrets', [bin('secretlint/bin/secretlint.js'), '--secretlintignore', '.gitignore', '**/*']),
  command('migrations', ['scripts/migration-rules.ts']),
  command('words', ['scripts/words.ts']),
  command('code security', ['scripts/code-security.ts']),
  command('shell scripts', ['scripts/shell-rules.ts']),
  command('lock file', ['scripts/complete-lock.ts', '--check']),
  ...generators.map((name) => command(`generated: ${name}`, [`scripts/${name}.ts`, '--check'])),
  { name: 'style', run: async () => styleProblems(root).join('\n') },
]

interface Outcome {
  name: string
  complaint: string
}

async function runChecks(chosen: Check[]): Promise<Outcome[]> {
  const waiting = [...chosen]
  const outcomes: Outcome[] = []
  const work = async () => {
    for (let check = waiting.shift(); check; check = waiting.shift()) outcomes.push(await runCheck(check))
  }
  await Promise.all([work(), work()])
  return outcomes
}

async function runCheck({ name, run }: Check): Promise<Outcome> {
  const start = performance.now()
  const complaint = await run().catch((error) => String(error))
  const seconds = ((performance.now() - start) / 1000).toFixed(1)
  process.stdout.write(`${complaint ? '✖' : '✔'} ${name} (${seconds} s)\n`)
  return { name, complaint }
}

function complaintOf(args: string[]): Promise<string> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text) => {
        output += text
      })
    child.on('error', (error) => resolve(error.message))
    child.on('close', (code) => {
      for (const line of output.split('\n')) if (line.startsWith('ℹ left out')) process.stdout.write(`${line}\n`)
      resolve(code === 0 ? '' : output.trim() || `ended with ${code}`)
    })
  })
}

/** What leans on the database most, on the oldest version that we promise. */
const ON_OLDEST = [
  'tests/ground/{once,walls,audit,doctor,restore}.test.ts',
  'tests/journeys/*.test.ts',
  'tests/race/one-slot.test.ts',
  'services/scheduling/*.test.ts',
  'services/registry/specialities.test.ts',
]

async function runOnOldest(): Promise<TestRun> {
  const programs = oldestPrograms()
  if (!programs) return { passed: true, closing: `On PostgreSQL ${OLDEST}: left out` }
  await using server = await startOldest(programs)
  process.stdout.write(`On PostgreSQL ${OLDEST}:\n`)
  const files = globSync(ON_OLDEST, { cwd: root }).sort()
  const urls = { TEST_DATABASE_URL: server.appUrl, TEST_DATABASE_OWNER_URL: server.ownerUrl }
  const env = { ...process.env, ...COMPILED, ...urls, TEST_ON_OLDEST: 'true' }
  const { passed, closing } = await runTests(files, { env })
  return { passed, closing: `On PostgreSQL ${OLDEST}:\n${closing}` }
}

const COVERAGE = join(root, 'coverage/v8')

/** Tests of whole houses, and across rooms. They reach nearly everything, and counting that would cost a third of their time. */
const isAcross = (file: string) => file.startsWith('tests/')

/** Modules compiled once: a house, or a file of tests, loads 500. Not where lines and branches are counted: code from the cache is reported less exactly. */
const COMPILED = { NODE_COMPILE_CACHE: join(root, 'node_modules/.cache/compiled') }

/** Tests that stand beside what they test, counting which lines and branches they reach: .c8rc.json says how many must be. */
async function runBeside(): Promise<TestRun> {
  rmSync(COVERAGE, { recursive: true, force: true })
  const files = allTests().filter((file) => !isAcross(file))
  const { passed, closing } = await runTests(files, { env: { ...process.env, NODE_V8_COVERAGE: COVERAGE } })
  const reached = report([
    await runCheck(command('coverage', [bin('c8/bin/c8.js'), 'report', '--temp-directory', COVERAGE])),
  ])
  if (reached) process.stdout.write(`${coverageInWords()}\n`)
  return { passed: passed && reached, closing: `Beside what they test:\n${closing}${reached ? '' : '\n✖ coverage'}` }
}

async function runAcross(): Promise<TestRun> {
  const { passed, closing } = await runTests(allTests().filter(isAcross), { env: { ...process.env, ...COMPILED } })
  return { passed, closing: `Across rooms:\n${closing}` }
}

function coverageInWords(): string {
  const { total } = JSON.parse(readFileSync(join(root, 'coverage/coverage-summary.json'), 'utf8')) as {
    total: Record<'lines' | 'branches', { pct: number }>
  }
  return `${total.lines.pct} % of lines and ${total.branches.pct} % of branches are reached by the tests beside them`
}

function report(outcomes: Outcome[]): boolean {
  const failed = outcomes.filter(({ complaint }) => complaint)
  for (const { name, complaint } of failed) process.stdout.write(`\n── ${name} ──\n${complaint}\n`)
  if (failed.length > 0)
    process.stdout.write(`\n${failed.length} checks failed: ${failed.map(({ name }) => name).join(', ')}\n`)
  return failed.length === 0
}

const only = process.argv.find((arg) => arg.startsWith('--only='))?.slice('--only='.length)
const files = process.argv.slice(2).filter((arg) => !arg.startsWith('--'))
const allTests = () => globSync('**/*.test.ts', { cwd: root, exclude: ['**/node_modules', '.openhcs'] }).sort()

const withTests = !only || only === 'tests'
const chosen = files.length > 0 ? [] : checks.filter(({ name }) => !only || only === 'static' || only === name)
if (!withTests && chosen.length === 0) throw new Error(`There is no check called ${only}.`)

const sound = report(await runChecks(chosen))
const outcomes: TestRun[] = []
if (files.length > 0) outcomes.push(await runTests(files))
else if (withTests) outcomes.push(await runOnOldest(), await runBeside(), await runAcross())
// The last lines say how it went, whatever is printed before them.
for (const { closing } of outcomes) process.stdout.write(`${closing}\n`)
if (!sound) process.stdout.write('✖ checks, far above\n')
process.exitCode = sound && outcomes.every(({ passed }) => passed) ? 0 : 1

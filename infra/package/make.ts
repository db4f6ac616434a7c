import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { DEMO_PASSWORD } from '#demo/country.ts'
import { freePort } from '../../tests/processes.ts'
import { run } from '../image/run.ts'
import { compileInto, OLDEST_NODE } from './compile.ts'

// `make package`: the npm package, packed twice to the same bytes, looked into, and started from an empty folder by the oldest Node it promises and by this one.

const OUTPUT = join(import.meta.dirname, '../../coverage/package')
const MAX_MEGABYTES = 2
const say = (line: string) => process.stdout.write(`${line}\n`)

function pack(folder: string): string {
  mkdirSync(folder, { recursive: true })
  compileInto(join(folder, 'package'))
  const [{ filename }] = JSON.parse(
    run('npm', ['pack', '--json', '--pack-destination', folder, join(folder, 'package')]),
  ) as [{ filename: string }]
  return join(folder, filename)
}

function checkContents(file: string): void {
  const names = run('tar', ['-tzf', file]).split('\n')
  const unwanted = names.filter((name) =>
    /\.ts$|\.test\.|testing|\.env|\.key$|\.pem$|node_modules|\.openhcs/.test(name),
  )
  assert.deepEqual(unwanted, [])
  for (const needed of ['package/bin/openhcs.js', 'package/main.js', 'package/LICENSE'])
    assert.ok(names.includes(needed), needed)
  const megabytes = statSync(file).size / 1e6
  assert.ok(megabytes <= MAX_MEGABYTES, `${megabytes.toFixed(1)} MB packed`)
  say(
    `${names.length} files, ${(megabytes * 1_000).toFixed(0)} kB packed; no tests, no TypeScript, no settings, no keys`,
  )
}

/** Installs the file into an empty folder and starts it there, with that Node, until somebody of the fictional country has signed in. */
async function tryOut(file: string, node: string): Promise<void> {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'openhcs-package-'))
  chmodSync(folder, 0o755) // a server that root starts runs under another account, and must reach its data
  const { DATABASE_URL: _url, OPENHCS_DEMO: _demo, OPENHCS_HOME: _home, ...inherited } = process.env
  const port = await freePort()
  const env = {
    ...inherited,
    PATH: `${dirname(node)}${delimiter}${process.env.PATH}`,
    PORT: String(port),
    LOG_LEVEL: 'error',
  }
  try {
    const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
    run('npm', ['install', '--prefix', folder, ...options, file], { env })
    const child = spawn(node, [join(folder, 'node_modules/openhcs/bin/openhcs.js'), 'start'], {
      cwd: folder,
      env,
      stdio: 'ignore',
    })
    try {
      await serves(child, `http://localhost:${port}`)
    } finally {
      if (child.exitCode === null) {
        child.kill('SIGTERM')
        await once(child, 'exit')
      }
    }
    assert.equal(child.exitCode, 0)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  say(
    `starts in an empty folder on Node ${run(node, ['--version'])}: the fictional country is there, and SIGTERM ends it`,
  )
}

async function serves(child: ChildProcess, origin: string): Promise<void> {
  const isReady = () =>
    fetch(`${origin}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    )
  for (let attempt = 0; !(await isReady()); attempt++) {
    assert.ok(child.exitCode === null && attempt < 600, 'it does not start')
    await sleep(100)
  }
  const signIn = await fetch(`${origin}/v1/sessions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ userName: 'ada', password: DEMO_PASSWORD }),
  })
  assert.equal(signIn.status, 201)
}

/** Some Node of that version, from npm: these packages are Node itself. */
function nodeOf(major: number, folder: string): string {
  const name = `node-${process.platform}-${process.arch}`
  run('npm', [
    'install',
    '--prefix',
    folder,
    '--no-save',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
    `${name}@${major}`,
  ])
  return join(folder, 'node_modules', name, 'bin/node')
}

const folder = mkdtempSync(join(realpathSync(tmpdir()), 'openhcs-pack-'))
try {
  const [first, second] = [pack(join(folder, 'one')), pack(join(folder, 'two'))]
  assert.ok(readFileSync(first).equals(readFileSync(second)), 'packed twice, to different bytes')
  checkContents(first)
  await tryOut(first, process.execPath)
  await tryOut(first, nodeOf(OLDEST_NODE, join(folder, 'oldest')))
  mkdirSync(OUTPUT, { recursive: true })
  copyFileSync(first, join(OUTPUT, 'openhcs.tgz'))
  say(`written to ${OUTPUT}/openhcs.tgz`)
} finally {
  rmSync(folder, { recursive: true, force: true })
}

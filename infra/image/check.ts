import assert from 'node:assert/strict'
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { oldestPrograms, startOldest } from '#scripts/oldest-postgres.ts'
import { freePort } from '../../tests/processes.ts'
import { shippedFolders } from '../shipped.ts'
import { run } from './run.ts'

const ours = `app/{*,${shippedFolders.map((folder) => `${folder}/**`)}}`

export const MAX_MEGABYTES = 120

/** As a cluster that trusts nobody runs it: nothing to write to but a tmpfs, no capability, no new privilege, 256 MB; seccomp is on by default. */
const LOCKED = [
  ...[
    '--runtime',
    'runc',
    '--read-only',
    '--cap-drop',
    'all',
    '--security-opt',
    'no-new-privileges',
    '--network',
    'host',
  ],
  ...['--memory', '256m', '--ulimit', 'nofile=1024:1024', '--ulimit', 'nproc=512:512'],
  ...['--tmpfs', '/var/lib/openhcs:rw,size=16m,mode=1777'],
]
const KEY = `OPENHCS_SECRET_KEY=${'0'.repeat(64)}`

/** What is in the image, and what must not be. Returns its size in a registry, in MB. */
export function checkContents(image: string): number {
  const folder = mkdtempSync(join(tmpdir(), 'openhcs-contents-'))
  const container = run('buildah', ['from', '--pull-never', image])
  try {
    const root = run('buildah', ['mount', container])
    const found = (pattern: string) => globSync(pattern, { cwd: root })
    assert.deepEqual(
      found('{bin,usr/bin,sbin,usr/sbin}/{sh,bash,dash,busybox,apt,dpkg,npm}'),
      [],
      'a shell or a package manager',
    )
    assert.deepEqual(found(`${ours}.test.ts`), [], 'tests')
    assert.deepEqual(found('{app,root,home}/**/{.env,.env.*,.npmrc,.git,*.pem,*.key}'), [], 'settings or keys')
    assert.ok(existsSync(join(root, 'app/main.ts')))
    for (const file of found(`${ours}.{ts,json,sql}`))
      if (statSync(join(root, file)).isFile())
        assert.doesNotMatch(
          readFileSync(join(root, file), 'utf8'),
          /-----BEGIN [A-Z ]*PRIVATE KEY|AKIA[0-9A-Z]{16}|gh[pousr]_\w{36}/,
          file,
        )
    run('skopeo', ['copy', '--quiet', `containers-storage:localhost/${image}`, `oci:${folder}/image`])
    return (
      globSync('image/blobs/sha256/*', { cwd: folder }).reduce(
        (sum, file) => sum + statSync(join(folder, file)).size,
        0,
      ) / 1e6
    )
  } finally {
    run('buildah', ['rm', container])
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Runs it against a PostgreSQL: migrates, serves, says that it is well, works under its memory limit, and drains on SIGTERM. */
export async function checkRun(image: string): Promise<void> {
  const programs = oldestPrograms()
  if (!programs) throw new Error('make image needs a PostgreSQL to run the image against (Debian: postgresql-15)')
  await using database = await startOldest(programs, { port: await freePort() })
  const port = await freePort()
  const settings = {
    DATABASE_URL: database.appUrl,
    DATABASE_OWNER_URL: database.ownerUrl,
    OPENHCS_DEMO: 'false',
    HOST: '127.0.0.1',
    PORT: String(port),
  }
  const env = [...Object.entries(settings).map(([name, value]) => `${name}=${value}`), KEY].flatMap((one) => [
    '--env',
    one,
  ])
  run('podman', ['run', '--rm', ...LOCKED, ...env, image, 'migrate'])
  const name = `openhcs-check-${process.pid}`
  run('podman', ['run', '--detach', '--name', name, ...LOCKED, ...env, image])
  try {
    await answers(`http://127.0.0.1:${port}/readyz`)
    assert.equal(
      run('podman', ['exec', name, '/nodejs/bin/node', 'main.ts', 'ready']),
      '{"status":"ready","unready":[]}',
    )
    assert.match(run('podman', ['exec', name, '/nodejs/bin/node', '-p', 'process.getuid()']), /^65532$/)
    await load(`http://127.0.0.1:${port}/v1/specialities`)
    run('podman', ['stop', '--time', '20', name])
    assert.equal(run('podman', ['inspect', '--format', '{{.State.ExitCode}} {{.State.OOMKilled}}', name]), '0 false')
  } finally {
    run('podman', ['rm', '--force', name])
  }
}

async function answers(url: string): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    if (
      await fetch(url).then(
        ({ ok }) => ok,
        () => false,
      )
    )
      return
    await sleep(100)
  }
  throw new Error(`${url} does not answer`)
}

/** 2,000 requests by eight at once: they need a sign-in and are refused, which is all that the memory limit has to see. */
async function load(url: string): Promise<void> {
  const ask = async () => {
    for (let i = 0; i < 250; i++) assert.ok([200, 401, 429].includes((await fetch(url)).status))
  }
  await Promise.all(Array.from({ length: 8 }, ask))
}

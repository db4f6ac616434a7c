import assert from 'node:assert/strict'
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { stringify } from 'yaml'
import { run } from '#infra/image/run.ts'
import type { Thing } from '#infra/release/cluster/kubernetes.ts'
import type { Release } from '#infra/release/platform.ts'
import { oldestPrograms, startOldest } from '#scripts/oldest-postgres.ts'
import { freePort } from '../../tests/processes.ts'
import { type Environment, environments } from './environment.ts'
import { foundationOf } from './foundation.ts'
import { jobOf, objectsOf } from './objects.ts'
import { SHUTDOWN_SECONDS } from './pod.ts'

// The objects, run: podman makes pods of the migration, of the Deployment and of the nightly check. It has no Jobs, no Services and no probes without
// systemd, so that the pods of the Jobs are given to it as Pods, on the network of this machine, and the probes are asked by this.

/** As the machine may forbid to raise limits; and runc, since crun is not in every Debian. */
const CONTAINERS = `[containers]\ndefault_ulimits = ["nofile=1024:1024","nproc=512:512"]\n[engine]\nruntime = "runc"\n`
const METRICS_TOKEN = 'fictional-metrics-token'

interface Stage {
  folder: string
  /** Distinguishes the names of this run. */
  mark: string
  port: number
  settings: Thing
  podman(args: string[]): string
}

export async function playPods(release: Release): Promise<string[]> {
  const programs = oldestPrograms()
  if (!programs) throw new Error('make k8s needs a PostgreSQL to run the pods against (Debian: postgresql-15)')
  await using database = await startOldest(programs, { port: await freePort() })
  const { files } = environments.local // the volume is tried, and no bucket is in reach
  const environment: Environment = {
    ...environments.production,
    files,
    settings: { PUBLIC_URL: 'https://care.example' },
  }
  const stage = await openStage(environment, release)
  const secrets = {
    DATABASE_URL: database.appUrl,
    DATABASE_OWNER_URL: database.ownerUrl,
    OPENHCS_SECRET_KEY: '0'.repeat(64),
    SMTP_URL: 'smtp://127.0.0.1:9',
    METRICS_TOKEN,
  }
  try {
    const file = join(stage.folder, 'secret.json')
    writeFileSync(file, secretOf(secrets), { mode: 0o600 })
    stage.podman(['secret', 'create', `openhcs-${stage.mark}`, file])
    const migrated = await playTask(stage, jobOf(environment, release, 'expand').spec.template)
    assert.match(migrated, /0001_/)
    const [web] = objectsOf(environment, 'blue', release)
    const served = await playDeployment(stage, web as Thing)
    const audit = foundationOf(environment, release).find(({ kind }) => kind === 'CronJob') as Thing
    const verdict = await playTask(stage, audit.spec.jobTemplate.spec.template)
    assert.match(verdict, /The chain is whole/)
    return [`migrated: ${migrated.split('\n').length} files`, served, `audit: ${verdict.replaceAll('\n', ' ')}`]
  } finally {
    closeStage(stage)
  }
}

async function openStage(environment: Environment, release: Release): Promise<Stage> {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'openhcs-play-'))
  const CONTAINERS_CONF = join(folder, 'containers.conf')
  writeFileSync(CONTAINERS_CONF, CONTAINERS)
  const port = await freePort()
  const settings = foundationOf(environment, release).find(({ kind }) => kind === 'ConfigMap') as Thing
  const data = { ...settings.data, HOST: '127.0.0.1', PORT: String(port) }
  // In a folder of its own: where there is a file of an image's name, podman would build that.
  const podman = (args: string[]) => run('podman', args, { env: { CONTAINERS_CONF }, cwd: folder })
  return { folder, mark: String(process.pid), port, settings: { ...settings, data }, podman }
}

/** Takes away what this run has made, and nobody else's. */
function closeStage({ podman, folder, mark }: Stage): void {
  const ours = new RegExp(`-${mark}(-|$)`)
  const names = (args: string[]) =>
    podman([...args, '--format', '{{.Name}}'])
      .split('\n')
      .filter((name) => ours.test(name))
  try {
    for (const pod of names(['pod', 'ps'])) podman(['pod', 'rm', '--force', pod])
    for (const volume of names(['volume', 'ls'])) podman(['volume', 'rm', '--force', volume])
    for (const secret of names(['secret', 'ls'])) podman(['secret', 'rm', secret])
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** As podman keeps it. */
const secretOf = (values: Record<string, string>) =>
  JSON.stringify(
    Object.fromEntries(Object.entries(values).map(([name, value]) => [name, Buffer.from(value).toString('base64')])),
  )

/** What this run changes of a pod: the names that podman has for the whole machine, and the network. */
function adapted({ mark, port }: Stage, { metadata, spec }: Thing): Thing {
  const pod = structuredClone({ ...spec, hostNetwork: true })
  for (const volume of pod.volumes) {
    if (volume.persistentVolumeClaim) volume.persistentVolumeClaim.claimName += `-${mark}`
    volume.name += `-${mark}`
  }
  for (const container of pod.containers) {
    delete container.ports
    for (const mount of container.volumeMounts) mount.name += `-${mark}`
    for (const { valueFrom } of container.env) if (valueFrom?.secretKeyRef) valueFrom.secretKeyRef.name += `-${mark}`
    for (const probe of ['startupProbe', 'readinessProbe', 'livenessProbe'])
      if (container[probe]) container[probe].httpGet.port = port
  }
  return { ...(metadata && { metadata }), spec: pod }
}

function play({ podman, folder, settings }: Stage, object: Thing): void {
  const file = join(folder, `${object.metadata?.name}.yaml`)
  writeFileSync(file, `${stringify(settings)}---\n${stringify(object, { aliasDuplicateObjects: false })}`)
  podman(['play', 'kube', file])
}

/** Runs a Job's pod to its end; gives what it printed. */
async function playTask(stage: Stage, template: Thing): Promise<string> {
  const name = `openhcs-${template.metadata?.labels?.['app.kubernetes.io/component']}-${stage.mark}`
  const { spec } = adapted(stage, template)
  play(stage, { apiVersion: 'v1', kind: 'Pod', metadata: { ...template.metadata, name }, spec })
  const container = `${name}-openhcs`
  const code = stage.podman(['wait', container])
  const output = stage.podman(['logs', container])
  assert.equal(code, '0', output)
  return output
}

async function playDeployment(stage: Stage, deployment: Thing): Promise<string> {
  const { podman, mark, port } = stage
  const name = `${deployment.metadata?.name}-${mark}`
  const template = adapted(stage, deployment.spec.template)
  const began = performance.now()
  play(stage, {
    ...deployment,
    metadata: { ...deployment.metadata, name },
    spec: { ...deployment.spec, replicas: 1, template },
  })
  const pod = `${name}-pod-0`
  const container = `${pod}-openhcs`
  const origin = `http://127.0.0.1:${port}`
  await ready(`${origin}${deployment.spec.template.spec.containers[0].readinessProbe.httpGet.path}`)
  const seconds = ((performance.now() - began) / 1_000).toFixed(1)
  assert.equal((await fetch(`${origin}/livez`)).status, 200)
  assert.equal((await fetch(`${origin}/v1/specialities`)).status, 200)
  assert.equal((await fetch(`${origin}/v1/account`)).status, 401)
  assert.equal((await fetch(`${origin}/metrics`)).status, 404)
  assert.equal(
    (await fetch(`${origin}/metrics`, { headers: { authorization: `Bearer ${METRICS_TOKEN}` } })).status,
    200,
  )
  assertConfined(podman(['exec', container, '/nodejs/bin/node', '-e', INSIDE]))
  const stopping = performance.now()
  podman(['pod', 'stop', '--time', String(deployment.spec.template.spec.terminationGracePeriodSeconds), pod])
  assert.equal(podman(['inspect', '--format', '{{.State.ExitCode}}', container]), '0')
  const took = (performance.now() - stopping) / 1_000
  assert.ok(took < SHUTDOWN_SECONDS, `it took ${took.toFixed(1)} s to stop`)
  return `${deployment.metadata?.name}: ready after ${seconds} s, confined, stopped cleanly in ${took.toFixed(1)} s`
}

/** What a pod may do, asked from inside it. */
const INSIDE = `
  const { readFileSync, writeFileSync } = require('node:fs')
  const status = Object.fromEntries(readFileSync('/proc/1/status', 'utf8').split('\\n').map((line) => line.split(':\\t')))
  let root = 'written'
  try { writeFileSync('/app/x', '') } catch (error) { root = error.code }
  process.stdout.write(JSON.stringify({ uid: process.getuid(), root, owner: 'DATABASE_OWNER_URL' in process.env,
    capabilities: status.CapEff + status.CapPrm + status.CapBnd, noNewPrivileges: status.NoNewPrivs, seccomp: status.Seccomp }))`

function assertConfined(answer: string): void {
  assert.deepEqual(JSON.parse(answer), {
    uid: 65_532,
    root: 'EROFS',
    owner: false,
    capabilities: '0'.repeat(48),
    noNewPrivileges: '1',
    seccomp: '2',
  })
}

async function ready(url: string): Promise<void> {
  for (let attempt = 0; attempt < 300; attempt++) {
    const answer = await fetch(url).catch(() => undefined)
    if (answer?.ok) return
    await sleep(100)
  }
  throw new Error(`${url} does not answer`)
}

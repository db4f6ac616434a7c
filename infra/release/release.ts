import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { foundationOf } from '../kubernetes/foundation.ts'
import { applyOf, deleteOf, KINDS, type KindName, listOf } from './cluster/kinds.ts'
import { useOidcToken } from './cluster/oidc.ts'
import { environmentNamed, openCluster, stacksIn, stacksOf } from './cluster/open.ts'
import { destroy, differences } from './cluster/stacks.ts'
import { type Driver, release as deliver, type Outcome, rollBack } from './driver.ts'
import { loadGate } from './load-gate.ts'
import { type Colour, colours, type Release } from './platform.ts'
import { careful } from './settings.ts'
import { smoke } from './smoke.ts'

// The release driver on the command line, for a cluster: see docs/delivery.md.

const USAGE = `node infra/release/release.ts <command> --environment <name>
  deploy [--image <name>@<digest> --version <version>]   release; without an image the one that make push has pushed
  roll-back [--reason <why>]                             give up the release that is under way
  status                                                 who serves which share, and the last lines of the audit
  deployments | services          list | apply | delete --colour <colour>
  secrets | config-maps           list | apply
  diff                                                   what the committed templates would change
  destroy --confirm <name>                               delete every stack of an environment; never of production
`
const COVERAGE = join(import.meta.dirname, '../../coverage')
const EVIDENCE = join(COVERAGE, 'release')
const POLL_MS = 5_000
/** CloudWatch tells of a minute when it is over, and some time later. */
const CLOUD_BAKE_SECONDS = 300
const say = (line: string) => process.stdout.write(`${line}\n`)

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    environment: { type: 'string' },
    image: { type: 'string' },
    version: { type: 'string' },
    reason: { type: 'string', default: 'asked to' },
    colour: { type: 'string' },
    confirm: { type: 'string' },
  },
})
const [command = '', action = ''] = positionals
const name = values.environment ?? process.env.ENVIRONMENT ?? ''

/** A digest names one image for ever; a tag may mean another one tomorrow. */
function wanted(): Release {
  const { image, version } = values
  if (Boolean(image) !== Boolean(version)) throw new Error('--image and --version go together.')
  if (image && version) return pinned({ source: image, version })
  const pushed = JSON.parse(readFileSync(join(COVERAGE, 'image/image.json'), 'utf8')) as Record<
    'name' | 'digest' | 'version',
    string
  >
  return pinned({ source: `${pushed.name}@${pushed.digest}`, version: pushed.version })
}

function pinned(release: Release): Release {
  if (!/@sha256:[0-9a-f]{64}$/.test(release.source))
    throw new Error('An image is released by its digest: --image <name>@sha256:…')
  return release
}

function smokeAccount() {
  const { SMOKE_USER: userName, SMOKE_PASSWORD: password } = process.env
  if (!userName || !password) throw new Error('SMOKE_USER and SMOKE_PASSWORD name the account of the smoke tests.')
  return { userName, password }
}

async function openDriver(): Promise<Driver & AsyncDisposable> {
  const account = smokeAccount()
  const opened = await openCluster(name, EVIDENCE, POLL_MS)
  return {
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
    platform: opened.platform,
    // Nobody but the smoke tests uses what is not production, so there is nothing to judge by.
    settings: {
      ...careful,
      bakeSeconds: CLOUD_BAKE_SECONDS,
      pollMs: POLL_MS,
      minRequests: name === 'production' ? careful.minRequests : 0,
    },
    smoke: (origin, release, first) => smoke(origin, release, first ? undefined : account),
    loadGate: (origin) => loadGate(origin, account, { requests: 200, atOnce: 4, p99Ms: 1_000 }),
    say,
  }
}

/** On the screen, and to whoever is to know: RELEASE_WEBHOOK is an address of a chat that takes `{ text }`. */
async function tell({ ended, serving, reason }: Outcome): Promise<void> {
  await tellAll(`${name}: ${ended}${reason ? `: ${reason}` : ''}; ${serving ?? 'nobody'} serves`)
  if (ended === 'rolled back') process.exitCode = 1
}

async function tellAll(text: string): Promise<void> {
  say(text)
  const { RELEASE_WEBHOOK: webhook } = process.env
  if (webhook) {
    const body = JSON.stringify({ text })
    const told = await fetch(webhook, { method: 'POST', headers: { 'content-type': 'application/json' }, body }).catch(
      () => undefined,
    )
    if (!told?.ok) say('nobody could be told: RELEASE_WEBHOOK does not answer')
  }
}

async function status(): Promise<void> {
  await using opened = await openCluster(name, EVIDENCE, POLL_MS)
  const { platform } = opened
  const state = await platform.state()
  for (const colour of colours)
    say(`${colour}: ${state[colour].release?.version ?? 'nothing'}, ${state[colour].share} % of the traffic`)
  for (const { at, release, step, event, detail } of (await platform.journal.read()).slice(-10))
    say(`${at} ${release.version} ${step} ${event} ${detail}`)
}

async function ofKind(kind: KindName): Promise<void> {
  await using opened = await openCluster(name, EVIDENCE, POLL_MS)
  const { environment, platform, cluster } = opened
  await using _lock = action === 'list' ? undefined : await platform.lock()
  const state = await platform.state()
  const objects = (colour: Colour, release: Release) => [
    ...foundationOf(environment, release),
    ...platform.objects(colour, release),
  ]
  if (action === 'list') (await listOf(cluster, environment.namespace, kind)).forEach(say)
  else if (action === 'apply') {
    const serving = colours.find((colour) => state[colour].share > 0)
    const { release: current } = state[serving ?? 'blue']
    if (!serving || !current) throw new Error('Nothing serves yet: deploy first.')
    for (const done of await applyOf(cluster, kind, objects(serving, current))) say(`applied ${done}`)
  } else if (action === 'delete' && (kind === 'deployments' || kind === 'services')) {
    const colour = colours.find((one) => one === values.colour)
    if (!colour) throw new Error('Which colour? --colour blue or --colour green')
    for (const done of await deleteOf(cluster, kind, colour, state, (...of) => platform.objects(...of)))
      say(`deleted ${done}`)
  } else throw new Error(USAGE)
}

async function diff(): Promise<void> {
  const told: string[] = []
  for (const stack of stacksOf(name)) {
    const lines = await differences(stacksIn, stack, POLL_MS)
    told.push(...(lines.length > 0 ? lines : [`${stack.name} stays as it is`]))
  }
  told.forEach(say)
  mkdirSync(EVIDENCE, { recursive: true })
  writeFileSync(join(EVIDENCE, 'differences.txt'), `${told.join('\n')}\n`)
}

const commands: Record<string, () => Promise<void>> = {
  async deploy() {
    const release = wanted()
    await using driver = await openDriver()
    await tell(await deliver(driver, release))
  },
  async 'roll-back'() {
    await using driver = await openDriver()
    await tell(await rollBack(driver, values.reason))
  },
  status,
  diff,
  async destroy() {
    await destroy(stacksIn, { environment: name, confirmed: values.confirm, stacks: stacksOf(name), pollMs: POLL_MS })
  },
  ...Object.fromEntries((Object.keys(KINDS) as KindName[]).map((kind) => [kind, () => ofKind(kind)])),
}

try {
  const run = Object.hasOwn(commands, command) ? commands[command] : undefined
  if (!run) throw new Error(USAGE)
  environmentNamed(name)
  useOidcToken()
  await run()
} catch (error) {
  const reason = error instanceof Error ? error.message : String(error)
  process.stderr.write(`${reason}\n`)
  // Neither forward nor back: the case in which somebody has to come.
  if (command === 'deploy' || command === 'roll-back') await tellAll(`${name}: ${command} stopped: ${reason}`)
  process.exitCode = 1
}

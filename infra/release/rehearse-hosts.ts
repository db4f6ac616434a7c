import assert from 'node:assert/strict'
import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { oldestPrograms } from '#scripts/oldest-postgres.ts'
import { needPackages } from '../need-packages.ts'
import { release } from './driver.ts'
import { HAPROXY } from './local/haproxy.ts'
import type { Failure, Load } from './rehearsal/load.ts'
import { aloneInNetwork, makeHosts } from './rehearsal/network.ts'
import { type Ground, openStage, type Stage } from './rehearsal/rehearsal.ts'
import { versionsIn } from './rehearsal/versions.ts'

// `make rehearse-hosts`: five hosts with cables between them (a balancer, two nodes, a database, and the public). What breaks at night is broken, and how long
// people notice is measured against what is promised.

interface Fault {
  name: string
  /** From the fault until nobody notices it any more, in seconds. */
  budget: number
  /** Breaks it and mends it. */
  cause(): Promise<void>
}

const say = (line: string) => process.stdout.write(`${line}\n`)
const PORT = 8080

function groundOf(hosts: ReturnType<typeof hostsOf>): Ground {
  const nodes = [hosts.node1, hosts.node2]
  const copies = (port: number) => nodes.map(({ address, within }) => ({ address, port, within }))
  return {
    database: { port: 5432, address: hosts.database.address, within: hosts.database.within },
    places: {
      address: hosts.balancer.address,
      within: hosts.balancer.within,
      port: PORT,
      previewPorts: { blue: PORT + 1, green: PORT + 2 },
      copies: { blue: copies(PORT), green: copies(PORT + 1) },
    },
  }
}

const hostsOf = () =>
  makeHosts({ balancer: '10.77.0.1', node1: '10.77.0.11', node2: '10.77.0.12', database: '10.77.0.21' })

function faultsOf(stage: Stage, { node1, database }: ReturnType<typeof hostsOf>): Fault[] {
  const cut = (host: typeof node1, seconds: number) => async () => {
    host.cable('down')
    await sleep(seconds * 1_000)
    host.cable('up')
  }
  return [
    // Two health checks, half a second apart and each given half a second; then the requests that wait for it are ended.
    { name: 'a node is lost, and comes back after 8 s', budget: 3, cause: cut(node1, 8) },
    // TCP tries again after up to as long as the cut was, and a room gives its connections up only after 5 s.
    { name: 'the database is out of reach for 3 s', budget: 10, cause: cut(database, 3) },
    { name: 'the balancer is killed, and started again', budget: 2, cause: () => stage.killBalancer() },
  ]
}

/** Failures without the addresses that were asked. */
function kindsOf(failures: Failure[]): Map<string, number> {
  const kinds = new Map<string, number>()
  for (const { what } of failures) {
    const kind = what
      .replace(/^.*?: /, '')
      .replace(/<[\s\S]*$/, '')
      .replace(/\{[\s\S]*$/, '')
      .trim()
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1)
  }
  return kinds
}

/** After the fault, served without a failure for as long as this. */
const QUIET_SECONDS = 6

async function suffer(load: Load, { name, budget, cause }: Fault): Promise<void> {
  const began = performance.now()
  const before = { failed: load.tally.failed.length, stale: load.tally.stale.length }
  await cause()
  await sleep(Math.max(budget * 1_000 - (performance.now() - began), 0) + QUIET_SECONDS * 1_000)
  const failures = load.tally.failed.slice(before.failed)
  const noticed = failures.length > 0 ? ((failures.at(-1)?.at ?? 0) - began) / 1_000 : 0
  say(
    `${name}: noticed for ${noticed.toFixed(1)} s (budget ${budget} s), ${failures.length} requests failed, ${load.tally.stale.length - before.stale} stale`,
  )
  for (const [kind, times] of kindsOf(failures)) say(`    ${times} × ${kind}`)
  assert.ok(noticed <= budget, `${name}: noticed for ${noticed.toFixed(1)} s`)
  assert.equal(load.tally.stale.length, before.stale, `${name}: what had been written was not what was read`)
  assert.ok(performance.now() - load.tally.lastAt < 2_000, `${name}: nobody is served any more`)
}

// Before the network is left, from which they come.
needPackages('make rehearse-hosts', { haproxy: HAPROXY, iproute2: '/usr/sbin/ip' })
oldestPrograms()
aloneInNetwork({ hosts: true })
const folder = mkdtempSync(join(realpathSync(tmpdir()), 'openhcs-versions-'))
try {
  const hosts = hostsOf()
  const { from, to } = versionsIn(folder)
  await using stage = await openStage(from, {
    ground: groundOf(hosts),
    say: (line) => say(`  ${line}`),
    bakeSeconds: 1,
  })
  await release(stage.driver, from)
  const load = await stage.load(300)
  try {
    await sleep(1_000)
    for (const fault of faultsOf(stage, hosts)) await suffer(load, fault)
    const before = load.tally.failed.length
    const { ended, reason } = await release(stage.driver, to)
    assert.equal(ended, 'finished', reason)
    assert.equal(load.tally.failed.length, before, 'the release over two nodes was noticed')
    say(`released over two nodes; served: ${JSON.stringify(load.tally.served)}`)
  } finally {
    await load.stop()
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { oldestPrograms } from '#scripts/oldest-postgres.ts'
import { needPackages } from '../need-packages.ts'
import type { Driver } from './driver.ts'
import { HAPROXY } from './local/haproxy.ts'
import type { Colour } from './platform.ts'
import { aloneInNetwork } from './rehearsal/network.ts'
import { CLIENTS, onOneHost, openStage, type Report, rehearse } from './rehearsal/rehearsal.ts'
import { RENAME_IN_PLACE, SICK, variant, versionsIn } from './rehearsal/versions.ts'

// `make rehearse`: a release, with the very code that deploys, while people book: a sick one is refused, one that turns bad is rolled back, a good one is
// promoted, and nobody notices. Then what must be noticed, to know that it would be: a rename in place, and a crash.

const EVIDENCE = join(import.meta.dirname, '../../coverage/rehearsal')
const say = (line: string) => process.stdout.write(`${line}\n`)

function tell({ tally, outlived, outcomes }: Report): void {
  const served = Object.entries(tally.served).map(([who, requests]) => `${who} ${requests}`)
  say(`  served: ${served.join(', ')}; times already taken: ${tally.taken}`)
  say(`  failed: ${tally.failed.length}, stale: ${tally.stale.length}${outlived ? '' : '; the load ended too early'}`)
  for (const { ended, reason } of outcomes) say(`  ${ended}${reason ? `: ${reason}` : ''}`)
  for (const line of [...tally.failed.map(({ what }) => what), ...tally.stale].slice(0, 5)) say(`    ${line}`)
}

/** Nobody noticed anything, and both releases had thousands to answer. */
function assertUnnoticed({ tally, outlived }: Report): void {
  assert.equal(tally.failed.length, 0, `${tally.failed.length} requests failed`)
  assert.equal(tally.stale.length, 0, `${tally.stale.length} reads were stale`)
  assert.ok(outlived, 'the load did not outlive the last step')
  for (const colour of ['blue', 'green'])
    assert.ok((tally.served[colour] ?? 0) >= 2_000, `${colour} served only ${tally.served[colour] ?? 0} requests`)
}

/** The SLO of this colour breaks once it has everybody: found by the same watch, from figures that say so. */
const turnsBad = (driver: Driver, bad: Colour): Partial<Driver> => ({
  platform: new Proxy(driver.platform, {
    get(platform, name, receiver) {
      if (name !== 'traffic') {
        const value = Reflect.get(platform, name, platform)
        return typeof value === 'function' ? value.bind(platform) : value
      }
      return async (colour: Colour) => {
        const traffic = await platform.traffic(colour)
        const everybody = colour === bad && (await platform.state())[colour].share === 100
        return receiver && everybody ? { ...traffic, failed: traffic.requests } : traffic
      }
    },
  }),
})

async function wholeStory(folder: string): Promise<void> {
  const { from, to } = versionsIn(folder)
  say(`from ${from.version} to ${to.version}, ${CLIENTS} clients`)
  await using stage = await openStage(from, { ground: await onOneHost(), say: (line) => say(`  ${line}`) })
  const report = await rehearse(stage, from, [
    { wanted: variant(folder, 'sick', SICK) },
    { wanted: to, driver: turnsBad(stage.driver, 'green') },
    { wanted: to },
  ])
  tell(report)
  mkdirSync(EVIDENCE, { recursive: true })
  copyFileSync(join(stage.folder, 'state/releases.ndjson'), join(EVIDENCE, 'releases.ndjson'))
  assert.deepEqual(
    report.outcomes.map(({ ended }) => ended),
    ['rolled back', 'rolled back', 'finished'],
    report.outcomes.map(({ ended, reason }) => `${ended} ${reason}`).join('\n'),
  )
  assert.match(report.outcomes[0]?.reason ?? '', /^smoke: the booking answers 5/)
  assert.match(report.outcomes[1]?.reason ?? '', /^(shift 100|bake): \d+ of \d+ requests failed/)
  assertUnnoticed(report)
}

/** What must not pass does not: else the silence above would mean nothing. */
async function control(
  name: string,
  folder: string,
  harm: (stage: Awaited<ReturnType<typeof openStage>>, from: { version: string; source: string }) => Promise<Report>,
): Promise<void> {
  const { from } = versionsIn(join(folder, name))
  await using stage = await openStage(from, { ground: await onOneHost(), say: () => {}, bakeSeconds: 1 })
  const report = await harm(stage, from)
  say(`control '${name}':`)
  tell(report)
  assert.throws(() => assertUnnoticed(report), /failed|stale/, `${name} went unnoticed`)
}

// Before the network is left, from which they come.
needPackages('make rehearse', { haproxy: HAPROXY, iproute2: '/usr/sbin/ip' })
oldestPrograms()
aloneInNetwork()
execFileSync(HAPROXY, ['-v'], { stdio: 'ignore' })
const folder = mkdtempSync(join(realpathSync(tmpdir()), 'openhcs-versions-'))
try {
  await wholeStory(join(folder, 'story'))
  await control('rename in place', folder, (stage, from) =>
    rehearse(stage, from, [{ wanted: variant(join(folder, 'rename'), 'renamed', RENAME_IN_PLACE) }]),
  )
  await control('crash', folder, (stage, from) => rehearse(stage, from, [], () => stage.kill('blue')))
  say(
    'rehearsed: 0 failed and 0 stale requests; a sick release was refused, a bad one rolled back, both controls were noticed',
  )
} finally {
  rmSync(folder, { recursive: true, force: true })
}

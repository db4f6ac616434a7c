import assert from 'node:assert/strict'
import { execFile, execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { promisify } from 'node:util'
import { loadDemo } from '#demo/load.ts'
import { loadConfig } from '#platform/config.ts'
import type { TestDatabase } from '#platform/testing.ts'
import { startHouse } from '../processes.ts'

// What a guide tells somebody to type, typed: a page is true on the day on which it is read, or this fails.

const guide = readFileSync(new URL('../../docs/guides/care.md', import.meta.url), 'utf8')
const folder = mkdtempSync(join(tmpdir(), 'openhcs-guide-'))
after(() => rmSync(folder, { recursive: true, force: true }))

/** `--json` came with 7.82. */
function withoutCurl(): string | false {
  try {
    const [, major = 0, minor = 0] = /^curl (\d+)\.(\d+)/.exec(execFileSync('curl', ['--version']).toString()) ?? []
    return Number(major) * 100 + Number(minor) >= 782 ? false : 'left out: curl, which is older than 7.82'
  } catch {
    return 'left out: curl, which is not here (Debian: curl)'
  }
}

const commandsIn = (page: string): string =>
  [...page.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, commands]) => commands).join('\n')

/** The country is smaller than that of `make start`, so that this takes seconds; the people who sign in are the same. */
async function demonstration({ appUrl, ownerUrl }: TestDatabase): Promise<Record<string, string>> {
  const config = loadConfig({ DATABASE_URL: appUrl, DATABASE_OWNER_URL: ownerUrl, OPENHCS_HOME: folder })
  await loadDemo(config, { practitioners: 60, people: 300 })
  return {}
}

const file = (name: string): string => readFileSync(join(folder, name), 'latin1')

describe('docs/guides/care.md', () => {
  it('does what it says, command by command, in the demonstration', { skip: withoutCurl() }, async () => {
    await using house = await startHouse('together', demonstration)
    const env = { ...process.env, HOST: house.origins[0] }
    const { stdout } = await promisify(execFile)('sh', ['-euc', commandsIn(guide)], { cwd: folder, env })
    for (const told of [
      '"status":"booked"',
      '"pointer":"/body/sections/vitals/0/value"',
      '"verified":true',
      '"words":"Penicillin"',
      '"status":"done"',
      '"words":"1 tablet, once a day"',
      '"link":"shlink:/',
      '"resourceType":"Condition"',
      '"type":"transaction-response"',
    ])
      assert.ok(stdout.includes(told), `${told} is not in\n${stdout}`)
    assert.match(file('report.html'), /lang="fr"[\s\S]*Acute bronchitis/)
    for (const name of ['report.pdf', 'card.pdf']) assert.match(file(name), /^%PDF-1/)
    for (const name of ['report.json', 'summary.json']) assert.equal(JSON.parse(file(name)).type, 'document')
    assert.equal(JSON.parse(file('cards.json')).cards.length, 1)
    assert.match(file('verify.html'), /^<!doctype html>/)
  })
})

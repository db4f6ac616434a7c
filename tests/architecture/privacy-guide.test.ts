import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { ConfigSchema } from '#platform/config.ts'
import { retention } from '#platform/retention.ts'

const guide = readFileSync(new URL('../../docs/guides/privacy.md', import.meta.url), 'utf8')

describe('docs/guides/privacy.md', () => {
  it('says of each kind how long it is kept, from when and why, as the code has it', () => {
    const settings = ConfigSchema.properties as Record<string, { default?: unknown }>
    for (const row of Object.values(retention)) {
      const setting = 'setting' in row ? row.setting : undefined
      const days = setting === undefined ? 'for ever' : settings[setting]?.default
      const line = `| ${row.what} | ${days} | ${setting === undefined ? '–' : `\`${setting}\``} | ${row.since} | ${row.reason} |`
      assert.ok(guide.includes(line), line)
    }
    const rows = guide.split('## How long things are kept')[1]?.match(/^\| (?!what|---).*$/gm) ?? []
    assert.equal(rows.filter((row) => !row.startsWith('|---')).length, Object.keys(retention).length)
  })
})

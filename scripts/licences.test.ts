import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { licenceProblems } from './licences.ts'

const lock = (license: string | undefined, dev = false) =>
  JSON.stringify({ packages: { '': { license: 'Apache-2.0' }, 'node_modules/x/node_modules/@a/b': { license, dev } } })

describe('licences of what is shipped', () => {
  it('are permissive', () => {
    for (const license of ['MIT', 'Apache-2.0', 'MPL-2.0', '(MIT OR GPL-3.0)', 'MIT AND OFL-1.1'])
      assert.deepEqual(licenceProblems(lock(license)), [])
    for (const license of ['GPL-3.0', 'AGPL-3.0-only', 'UNLICENSED', '(MIT AND GPL-3.0)', 'SEE LICENSE IN x'])
      assert.deepEqual(licenceProblems(lock(license)), [`@a/b: ${license}`])
    assert.deepEqual(licenceProblems(lock(undefined)), ['@a/b: no licence'])
  })

  it('do not matter for what is not shipped', () => {
    assert.deepEqual(licenceProblems(lock('GPL-3.0', true)), [])
  })
})

describe('secretlint, as the checks run it', () => {
  const root = join(import.meta.dirname, '..')
  const look = (folder: string) =>
    spawnSync(
      process.execPath,
      [
        join(root, 'node_modules/secretlint/bin/secretlint.js'),
        '--secretlintrc',
        join(root, '.secretlintrc.json'),
        '**/*',
      ],
      { cwd: folder, encoding: 'utf8' },
    )

  it('finds a key where one is', () => {
    const folder = mkdtempSync(join(tmpdir(), 'openhcs-secret-'))
    try {
      writeFileSync(join(folder, 'fine.ts'), 'export const key = process.env.KEY\n')
      assert.equal(look(folder).status, 0)
      // Put together, since this file is looked at too.
      writeFileSync(join(folder, 'leak.ts'), `export const key = '${'gh'}p_${'a1B2c3D4e5F6'.repeat(3)}'\n`)
      const { status, stdout } = look(folder)
      assert.equal(status, 1)
      assert.match(stdout, /leak\.ts/)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})

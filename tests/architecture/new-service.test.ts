import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'

const root = join(import.meta.dirname, '../..')

/** A checkout with the ground and no rooms. */
function emptyHouse(): string {
  const folder = mkdtempSync(join(tmpdir(), 'openhcs-new-service-'))
  for (const name of ['platform', 'scripts', 'package.json', 'tsconfig.json', 'biome.json', '.editorconfig'])
    cpSync(join(root, name), join(folder, name), { recursive: true, filter: (path) => !path.endsWith('.test.ts') })
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  mkdirSync(join(folder, 'services'))
  return folder
}

describe('scripts/new-service.ts', () => {
  const folder = emptyHouse()
  after(() => rmSync(folder, { recursive: true, force: true }))
  const run = (...args: string[]) => {
    // A test that runs under another would report to it instead of to us.
    const { NODE_TEST_CONTEXT: _context, ...env } = process.env
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8', env })
    return { status, output: `${stdout}${stderr}` }
  }
  const create = (...args: string[]) => run('scripts/new-service.ts', ...args)

  it('refuses a name that is no name, and a room that is there', () => {
    assert.match(create('Pharmacy!', 'x').output, /^Usage/)
    assert.match(create('pharmacy').output, /^Usage/)
    mkdirSync(join(folder, 'services/taken'))
    assert.match(create('taken', 'x').output, /^services\/taken exists already/)
  })

  it('writes a room that passes the checks and its own test', () => {
    assert.equal(create('blood-bank', "Blood: what is in stock, and whose it isn't").status, 0)
    writeFileSync(
      join(folder, 'services.ts'),
      "import { bloodBank } from './services/blood-bank/service.ts'\n\nexport const everything = [bloodBank]\n",
    )
    for (const generator of ['tables', 'room-readmes']) {
      const { status, output } = run(`scripts/${generator}.ts`)
      assert.equal(status, 0, output)
    }
    assert.match(readFileSync(join(folder, 'services/blood-bank/README.md'), 'utf8'), /GET \/v1\/things\/:id/)
    const types = join(folder, 'tsconfig.new.json')
    writeFileSync(types, JSON.stringify({ extends: './tsconfig.json', include: ['services'], exclude: [] }))
    const tsc = run('node_modules/ts7/bin/tsc', '--project', types, '--pretty', 'false')
    assert.equal(tsc.status, 0, tsc.output)
    const format = ['ci', '--vcs-enabled=false', '--error-on-warnings', '--colors=off', 'services']
    const biome = run('node_modules/@biomejs/biome/bin/biome', ...format)
    assert.equal(biome.status, 0, biome.output)
    const test = run('--test', 'services/blood-bank/read-thing.test.ts')
    assert.equal(test.status, 0, test.output)
    assert.match(readFileSync(join(folder, 'services/blood-bank/README.md'), 'utf8'), /Blood: what is in stock/)
  })
})

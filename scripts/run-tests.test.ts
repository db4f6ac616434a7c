import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { runTests } from './run-tests.ts'

describe('a run of tests', () => {
  const folder = mkdtempSync(join(tmpdir(), 'openhcs-run-tests-'))
  after(() => rmSync(folder, { recursive: true }))
  const write = (name: string, text: string) => {
    const file = join(folder, name)
    writeFileSync(file, `import assert from 'node:assert/strict'\nimport { it } from 'node:test'\n${text}`)
    return file
  }
  const run = async (...files: string[]) => {
    let printed = ''
    const { passed, closing } = await runTests(files, { print: (text) => (printed += text) })
    return { passed, closing, printed }
  }

  it('counts each, also of files that tell more than a pipe holds and leave something open', async () => {
    const many = "setInterval(() => {}, 1000)\nfor (let n = 0; n < 200; n++) it(n + 'x'.repeat(2000), () => {})\n"
    const files = ['a', 'b', 'c', 'd'].map((name) => write(`${name}.test.mjs`, many))
    const { passed, closing, printed } = await run(...files)
    assert.deepEqual([passed, closing], [true, '800 passed, 0 failed, 0 skipped'])
    assert.equal(printed.match(/\(200 tests, /g)?.length, 4)
  })

  it('ends with what failed and why, and what was left out', async () => {
    const file = write(
      'fails.test.mjs',
      "it('passes', () => {})\nit('is one', () => assert.equal(2, 1))\nit('is there', { skip: 'left out: what is not here' }, () => {})\n",
    )
    const { passed, closing } = await run(file)
    assert.equal(passed, false)
    const [counts, leftOut, failure, place, ...more] = closing.split('\n')
    assert.deepEqual([counts, leftOut, more], ['1 passed, 1 failed, 1 skipped', 'ℹ left out: what is not here', []])
    assert.match(failure ?? '', /^✖ is one \(.*fails\.test\.mjs:4\) .*strictly equal: 2 !== 1/)
    assert.match(place ?? '', /^✖ .*fails\.test\.mjs \(3 tests, /)
  })
})

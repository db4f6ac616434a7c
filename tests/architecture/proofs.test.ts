import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, it } from 'node:test'

const root = join(import.meta.dirname, '../..')
const HEADING = '## What proves it'

/** Tests of a file by their names, as they are written: `${…}` stands in names of several. */
const namesIn = (file: string): string[] =>
  [...readFileSync(file, 'utf8').matchAll(/\b(?:it|describe)\(\s*(['`])(.+?)\1/g)].map(([, , name = '']) => name)

/** What a page says is proved, and is not: no test named, no such file, no such test. */
function unproved(page: string, folder: string): string[] {
  const part = page.split(HEADING)[1]?.split(/^(?:## |<!-- )/m)[0] ?? ''
  const rows = part.split('\n').filter((line) => line.startsWith('| '))
  return rows.slice(1).flatMap((row) => {
    const [, what = '', proofs = ''] = row.split(' | ')
    const named = [...proofs.matchAll(/\[[^\]]+\]\(([^)]+)\): _(.+?)_(?=<br>| \|)/g)]
    if (named.length === 0) return [`${what}: nothing`]
    if (named.length < proofs.split('](').length - 1) return [`${what}: a file without a test`]
    return named.flatMap(([, path = '', name = '']) => {
      const file = join(root, folder, path)
      if (!existsSync(file)) return [`${what}: ${path}`]
      return namesIn(file).includes(name) ? [] : [`${what}: ${path}: ${name}`]
    })
  })
}

describe('what pages say is proved', () => {
  const pages = globSync(['fhir/README.md', 'services/*/README.md'], { cwd: root }).filter((path) =>
    readFileSync(join(root, path), 'utf8').includes(HEADING),
  )

  it('is: each test that is named is there', () => {
    assert.deepEqual(pages.map(dirname).sort(), [
      'fhir',
      'services/care-plans',
      'services/consultations',
      'services/notifications',
      'services/records',
      'services/reports',
      'services/scheduling',
    ])
    for (const page of pages)
      assert.deepEqual(unproved(readFileSync(join(root, page), 'utf8'), dirname(page)), [], page)
  })

  it('is looked at: a test or a file that is not there, and a row without any, are found', () => {
    const planted = `${HEADING}

| capability | what | proved by |
|---|---|---|
| pools | by load | [groups](groups.test.ts): _has as many seats as it says, whoever races for them_<br>[groups](groups.test.ts): _has more_ |
| | by whim | [whims](whims.test.ts): _are followed_ |
| | by luck |  |
| | by halves | [groups](groups.test.ts): _has as many seats as it says, whoever races for them_<br>[groups](groups.test.ts) |

<!-- facts -->`
    assert.deepEqual(unproved(planted, 'services/scheduling'), [
      'by load: groups.test.ts: has more',
      'by whim: whims.test.ts',
      'by luck: nothing',
      'by halves: a file without a test',
    ])
  })
})

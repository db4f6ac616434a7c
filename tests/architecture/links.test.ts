import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, it } from 'node:test'

const root = join(import.meta.dirname, '../..')
const EXCLUDED = ['**/node_modules', '.openhcs', 'coverage']

/** As GitHub makes them of headings. */
const anchorsIn = (text: string): string[] =>
  [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\- ]/gu, '')
      .replaceAll(' ', '-'),
  )

/** Links of a page to other files that lead nowhere; what is in a block of code is none. */
function deadIn(text: string, folder: string): string[] {
  const prose = text.replace(/^```[\s\S]*?^```/gm, '').replace(/`[^`\n]*`/g, '')
  const links = [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link)
  return links.filter((link) => {
    if (/^(https?|mailto):/.test(link)) return false
    const [path = '', anchor] = link.split('#')
    const file = join(root, folder, path)
    if (path && !existsSync(file)) return true
    if (anchor === undefined || (path && !path.endsWith('.md'))) return false
    return !anchorsIn(path ? readFileSync(file, 'utf8') : text).includes(anchor)
  })
}

describe('links of pages', () => {
  const pages = globSync('**/*.md', { cwd: root, exclude: EXCLUDED })

  it('lead to what is there', () => {
    assert.ok(pages.includes('docs/guides/fhir.md'))
    for (const page of pages) assert.deepEqual(deadIn(readFileSync(join(root, page), 'utf8'), dirname(page)), [], page)
  })

  it('are looked at: a file and a heading that are not there are found', () => {
    const planted =
      '# Two words\n[a](../README.md) [b](nowhere.md) [c](#two-words) [d](#three-words) [e](../README.md#more-commands) `[f](g)`\n```\n[h](i)\n```\n'
    assert.deepEqual(deadIn(planted, 'docs'), ['nowhere.md', '#three-words'])
  })

  it('of decisions are in the list of them, each once and in their order', () => {
    const listed = [...readFileSync(join(root, 'docs/decisions/README.md'), 'utf8').matchAll(/\]\((\d{4}-[^)]+)\)/g)]
    const kept = globSync('[0-9]*.md', { cwd: join(root, 'docs/decisions') }).sort()
    assert.deepEqual(
      listed.map(([, page]) => page),
      kept,
    )
  })
})

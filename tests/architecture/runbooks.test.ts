import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { describe, it } from 'node:test'
import { commands } from '#commands/commands.ts'

const root = join(import.meta.dirname, '../..')
const read = (path: string) => readFileSync(join(root, path), 'utf8')
const runbooks = globSync('docs/runbooks/*.md', { cwd: root }).sort()
const pages = [...runbooks, 'docs/backup.md']

const targets = new Set([...read('Makefile').matchAll(/^([a-z-]+):/gm)].map(([, name]) => name))

/** What a page tells people to type, and that does not exist. */
function unknownIn(text: string): string[] {
  const code = [...text.matchAll(/```[\s\S]*?```|`[^`]+`/g)].map(([piece]) => piece).join('\n')
  const ours = [...code.matchAll(/(?<!-n )(?<=^|[\s`/*])openhcs ([a-z]+)(?: ([a-z]+)\b)?/gm)]
  const made = [...code.matchAll(/(?:^|[\s`])make ([a-z-]+)/gm)]
  return [
    ...ours.filter(([, name = '', what]) => !exists(name, what)).map(([whole]) => whole.trim()),
    ...made.filter(([, name]) => !targets.has(name)).map(([whole]) => whole.trim()),
  ]
}

/** The name that a connection has in the database is not a command. */
const APPLICATIONS = ['jobs', 'scheduling']
const exists = (name: string, what: string | undefined): boolean =>
  APPLICATIONS.includes(name) ||
  (Object.hasOwn(commands, name) &&
    (what === undefined || !/^(verify|create|load|purge)$/.test(what) || commands[name]?.usage.includes(what) === true))

const PARTS = ['What people notice', 'How to see it', 'What to do', 'How to know it is over', 'By day']

describe('the runbooks', () => {
  it('name commands and make targets that exist', () => {
    for (const page of pages) assert.deepEqual(unknownIn(read(page)), [], page)
    assert.deepEqual(unknownIn('Run `openhcs repair`, `openhcs audit load`, then `make whole` and `openhcs doctor`.'), [
      'openhcs repair',
      'openhcs audit load',
      '`make whole',
    ])
  })

  it('lead to pages that exist, from one another and from doctor', () => {
    const links = pages.flatMap((page) =>
      [...read(page).matchAll(/\]\(([^)#:]+)[^)]*\)/g)].map(([, to = '']) => normalize(join(dirname(page), to))),
    )
    const told = globSync('{platform,commands}/**/*.ts', { cwd: root }).flatMap((file) =>
      [...read(file).matchAll(/docs\/[\w/-]+\.md/g)].map(([path]) => path),
    )
    assert.ok(links.length > 12 && told.length > 5)
    for (const path of new Set([...links, ...told])) assert.doesNotThrow(() => read(path), path)
  })

  it('of the index have every part that somebody needs at night', () => {
    const listed = [...read('docs/runbooks/README.md').matchAll(/\]\(([\w-]+\.md)\)/g)].map(([, name]) => name)
    assert.ok(listed.length >= 12)
    for (const name of listed) {
      const headings = [...read(`docs/runbooks/${name}`).matchAll(/^## (.+)$/gm)].map(([, heading]) => heading)
      assert.deepEqual(headings, PARTS, name)
    }
  })
})

import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { describe, it } from 'node:test'
import { shippedFiles, shippedFolders } from './shipped.ts'

const root = join(import.meta.dirname, '..')
const read = (path: string) => readFileSync(join(root, path), 'utf8')

/** What a file takes from elsewhere in the repository, by path. */
const importsOf = (path: string, text: string): string[] =>
  [...text.matchAll(/(?:from|import)\s*\(?'([#.][^']+)'/g)].map(([, name = '']) =>
    name.startsWith('#') ? name.slice(1) : relative(root, join(root, dirname(path), name)),
  )

/** Imports that lead out of what is shipped. */
function strays(files: Record<string, string>): string[] {
  const isShipped = (path: string) =>
    shippedFolders.some((folder) => path.startsWith(`${folder}${sep}`)) || shippedFiles.some((file) => path === file)
  return Object.entries(files).flatMap(([path, text]) =>
    importsOf(path, text)
      .filter((target) => !isShipped(target))
      .map((target) => `${path}: ${target}`),
  )
}

describe('what is shipped', () => {
  it('takes nothing from elsewhere', () => {
    const paths = globSync([...shippedFiles, `{${shippedFolders}}/**/*.ts`], {
      cwd: root,
      exclude: ['**/*.test.ts', '**/testing.ts'],
    })
    assert.ok(paths.length > 400)
    assert.deepEqual(strays(Object.fromEntries(paths.map((path) => [path, read(path)]))), [])
  })

  it('is looked at: what leads elsewhere is found', () => {
    const planted = `import { a } from '#tests/a.ts'\nconst b = await import('../../infra/b.ts')\nimport { c } from './c.ts'`
    assert.deepEqual(strays({ 'services/one/one.ts': planted }), [
      'services/one/one.ts: tests/a.ts',
      'services/one/one.ts: infra/b.ts',
    ])
  })

  it('is in the image', () => {
    const dockerfile = read('Dockerfile')
    const permitted = read('.dockerignore').split('\n')
    for (const folder of shippedFolders) {
      assert.ok(dockerfile.includes(`COPY ${folder} ./${folder}\n`), folder)
      assert.ok(permitted.includes(`!${folder}`), folder)
    }
  })
})

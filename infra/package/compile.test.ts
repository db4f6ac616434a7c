import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { compile } from './compile.ts'

describe('the compiled package', () => {
  it('imports JavaScript, of ours by any path', () => {
    const code = `import { a } from '#platform/a.ts'\nimport './b.ts'\nexport { c } from "../c.ts"\nconst d = await import('./d.ts')\nexport const e = [a, d]`
    const output = compile(code, 'x.ts')
    for (const path of ['#platform/a.js', './b.js', '../c.js', './d.js']) assert.ok(output.includes(path), path)
  })

  it('leaves no types, and no syntax that the oldest Node does not know', () => {
    const output = compile(
      `import type { A } from './a.ts'\nexport async function f(a: A): Promise<void> { await using b = a.open(); b.go() }`,
      'x.ts',
    )
    assert.doesNotMatch(output, /await using|: A|import type/)
  })

  it('complains of an import that it cannot turn', () => {
    assert.throws(() => compile(`import a from 'some-package/a.ts'\nexport { a }`, 'x.ts'), /still imports TypeScript/)
  })
})

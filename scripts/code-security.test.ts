import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { securityProblems } from './code-security.ts'

describe('code that could turn against its users', () => {
  const violations: [name: string, code: string, complaint: RegExp][] = [
    ['eval', 'eval(input)', /run as code/],
    ['new Function', 'new Function("a", input)', /run as code/],
    ['a context of its own', "import vm from 'node:vm'", /run as code/],
    ['exec', "import { exec } from 'node:child_process'", /import execFile or spawn/],
    ['exec under another name', "import { execSync as run } from 'child_process'", /import execFile or spawn/],
    ['all of child_process', "import * as child from 'node:child_process'", /import execFile or spawn/],
    ['a shell', 'spawn("ls", [input], { shell: true })', /no shell/],
    ['a shell by its path', 'spawn("ls", [input], { "shell": "/bin/sh" })', /no shell/],
    ['certificates that nobody checks', 'connect({ ssl: { rejectUnauthorized: false } })', /certificates/],
    ['names that nobody checks', 'connect({ checkServerIdentity: () => undefined })', /certificates/],
    ['the same for the whole process', 'env.NODE_TLS_REJECT_UNAUTHORIZED = "0"', /certificates/],
    ['a pattern from input', 'new RegExp(input)', /pattern is written out/],
    ['a pattern with input', 'RegExp("^" + input)', /pattern is written out/],
    ['SQL from input', 'sql.raw("select " + input)', /SQL is written out/],
    ['an old hash', "createHash('sha1').update(x)", /SHA-256/],
    ['memory as it was', 'Buffer.allocUnsafe(16)', /fresh memory/],
    ['a token by chance', 'const token = Math.random().toString(36)', /foretold/],
    ['a field by chance', 'const x = { code: Math.random() }', /foretold/],
  ]
  for (const [name, code, complaint] of violations)
    it(`is found: ${name}`, () => {
      assert.match(securityProblems('services/registry/planted.ts', `\n${code}\n`).join('\n'), complaint)
      assert.match(
        securityProblems('services/registry/planted.ts', `\n${code}\n`).join('\n'),
        /^services\/registry\/planted\.ts:2: /,
      )
    })

  it('is not seen where there is none', () => {
    const fine = [
      "import { execFile, spawn } from 'node:child_process'",
      "spawn('ls', ['-l'], { shell: false })",
      'const delay = 100 * (1 + Math.random())',
      "new RegExp('^a$')",
      'sql.raw(`select 1`)',
      "createHash('sha256')",
      'connect({ ssl: { rejectUnauthorized: true } })',
    ]
    assert.deepEqual(securityProblems('platform/fine.ts', fine.join('\n')), [])
  })

  it('is judged less strictly where it is not shipped, but never run through a shell', () => {
    assert.deepEqual(securityProblems('scripts/x.ts', 'new RegExp(name)'), [])
    assert.match(securityProblems('infra/x.ts', 'spawn("ls", { shell: true })').join(), /no shell/)
  })
})

describe('Biome, as the checks run it', () => {
  it('knows code from text, and promises that nobody waits for', () => {
    const root = join(import.meta.dirname, '..')
    const folder = mkdtempSync(join(realpathSync(tmpdir()), 'openhcs-biome-'))
    try {
      const settings = JSON.parse(readFileSync(join(root, 'biome.json'), 'utf8'))
      writeFileSync(join(folder, 'biome.json'), JSON.stringify({ ...settings, vcs: { enabled: false } }))
      writeFileSync(
        join(folder, 'planted.ts'),
        "async function later() {}\nexport function start(text: string) {\n  later()\n  eval(text)\n  setTimeout('start()', 10)\n}\n",
      )
      const biome = join(root, 'node_modules/@biomejs/biome/bin/biome')
      const args = [biome, 'ci', '--error-on-warnings', '--reporter=json', 'planted.ts']
      const { status, stdout } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' })
      assert.equal(status, 1)
      for (const rule of ['noGlobalEval', 'noImpliedEval', 'noFloatingPromises']) assert.match(stdout, new RegExp(rule))
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})

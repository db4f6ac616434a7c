import assert from 'node:assert/strict'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { type BrokenWall, findBrokenWalls, type Walls } from '#scripts/walls.ts'

const root = join(import.meta.dirname, '../..')

/** A small house in which everything is allowed. */
const sound: Record<string, string> = {
  'main.ts': `import { everything } from '#services.ts'\nexport const house = everything`,
  'services.ts': `import { a } from '#services/a/service.ts'\nexport const everything = [a]`,
  'platform/ground.ts': `import fastify from 'fastify'\nimport { sql } from 'kysely'\nexport const ground = [fastify, sql]`,
  'platform/operation.ts': `import { Type } from 'typebox'\nexport const operation = Type`,
  'platform/testing.ts': `import '#platform/ground.ts'\nimport 'mailparser'\nexport const testing = 1`,
  'platform/config.ts': 'export const settings = process.env',
  'fhir/store/write.ts': `import { sql } from 'kysely'\nimport { ground } from '#platform/ground.ts'\nexport const store = [sql, ground]`,
  'services/a/contract.ts': `import { Type } from 'typebox'\nimport { operation } from '#platform/operation.ts'\nimport { b } from '../b/contract.ts'\nexport const a = [Type, operation, b]`,
  'services/a/service.ts': `import { read } from './queries.ts'\nimport { routes } from './routes.ts'\nexport const a = [read, routes]`,
  'services/a/queries.ts': `import { sql } from 'kysely'\nexport const read = sql`,
  'services/a/routes.ts': `import fastify from 'fastify'\nimport { store } from '#fhir/store/write.ts'\nexport const routes = [fastify, store]`,
  'services/a/rule.ts': `import { type FastifyInstance } from 'fastify'\nimport type { Kysely } from 'kysely'\nexport type Both = [FastifyInstance, Kysely<object>]`,
  'services/a/rule.test.ts': `import '#platform/testing.ts'\nimport { b } from '../b/service.ts'\nimport { everything } from '#services.ts'\nimport { fake } from '#tests/fake.ts'\nexport const all = [b, everything, fake]`,
  'services/b/contract.ts': 'export const b = 1',
  'services/b/service.ts': `import { a } from '../a/contract.ts'\nexport const b = a`,
  'services/b/inside.ts': 'export const inside = 1',
  'demo/load.ts': `import pg from 'pg'\nimport { a } from '#services/a/contract.ts'\nimport { ground } from '#platform/ground.ts'\nexport const demo = [pg, a, ground]`,
  'tests/fake.ts': `export const fake = process.env.HOME`,
  'portal/shown.ts': 'export const shown = 1',
}

/** The other half of a cycle, which is reported once. */
const hen = { 'services/a/hen.ts': `import { egg } from './egg.ts'\nexport const hen = () => egg` }

/** Files for each rule, each of which breaks that rule and no other. */
const planted: Record<string, { file: string; code: string }[]> = {
  'rooms-meet-at-contracts': [
    { file: 'services/a/neighbour.ts', code: `import { inside } from '../b/inside.ts'\nexport const x = inside` },
    {
      file: 'services/a/neighbours-type.ts',
      code: `import type { inside } from '#services/b/inside.ts'\nexport type X = typeof inside`,
    },
    { file: 'services/a/upwards.ts', code: `import { house } from '#main.ts'\nexport const x = house` },
  ],
  'room-tests-stay-near': [
    { file: 'services/a/deep.test.ts', code: `import { inside } from '../b/inside.ts'\nexport const x = inside` },
  ],
  'contracts-are-pure': [
    { file: 'services/d/contract.ts', code: `import { readFileSync } from 'node:fs'\nexport const d = readFileSync` },
    { file: 'services/e/contract.ts', code: `import { ground } from '#platform/ground.ts'\nexport const e = ground` },
  ],
  'platform-knows-no-room': [
    { file: 'platform/curious.ts', code: `import { b } from '#services/b/contract.ts'\nexport const x = b` },
    { file: 'platform/high.ts', code: `import { store } from '#fhir/store/write.ts'\nexport const x = store` },
  ],
  'fhir-knows-no-room': [
    { file: 'fhir/curious.ts', code: `import type { b } from '#services/b/contract.ts'\nexport type X = typeof b` },
  ],
  'clients-know-only-the-api': [
    { file: 'portal/deep.ts', code: `import { b } from '#services/b/contract.ts'\nexport const x = b` },
    { file: 'sdk/deep.ts', code: `import { ground } from '#platform/ground.ts'\nexport const x = ground` },
  ],
  'demo-uses-the-front-door': [
    { file: 'demo/deep.ts', code: `import { inside } from '#services/b/inside.ts'\nexport const x = inside` },
  ],
  'demo-needs-only-pg': [{ file: 'demo/greedy.ts', code: `import { pino } from 'pino'\nexport const x = pino` }],
  'sql-in-queries': [
    { file: 'services/a/statement.ts', code: `import { sql } from 'kysely'\nexport const x = sql` },
    { file: 'fhir/bundle.ts', code: `import { sql } from 'kysely'\nexport const x = sql` },
  ],
  'http-in-routes': [
    { file: 'services/a/asked.ts', code: `import fastify from 'fastify'\nexport const x = fastify` },
    { file: 'fhir/asked.ts', code: `import fastify from 'fastify'\nexport const x = fastify` },
  ],
  'testing-in-tests': [
    {
      file: 'services/a/back-door.ts',
      code: `import { testing } from '#platform/testing.ts'\nexport const x = testing`,
    },
  ],
  'no-development-packages': [
    { file: 'services/a/borrowed.ts', code: `import mailparser from 'mailparser'\nexport const x = mailparser` },
  ],
  'no-cycles': [{ file: 'services/a/egg.ts', code: `import { hen } from './hen.ts'\nexport const egg = () => hen` }],
  'imports-exist': [
    { file: 'services/a/nowhere.ts', code: `import { x } from '#services/b/missing.ts'\nexport const y = x` },
  ],
  'settings-in-config': [
    { file: 'services/a/settings.ts', code: `// why\nexport const x = process.env.PORT` },
    { file: 'platform/settings.ts', code: `import { env } from 'node:process'\nexport const x = env` },
    { file: 'commands/settings.ts', code: `const { argv, env } = process\nexport const x = [argv, env]` },
  ],
  'no-barrels': [
    { file: 'services/a/index.ts', code: `export { read } from './queries.ts'\nexport const more = 1` },
    {
      file: 'platform/everything.ts',
      code: `/** All. */\nexport * from './ground.ts'\nexport * from './operation.ts'`,
    },
  ],
}

const folders: string[] = []
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true })
})

describe('the walls', () => {
  let walls: Walls
  before(async () => {
    const violations = Object.values(planted).flatMap((files) => files.map(({ file, code }) => [file, code] as const))
    walls = await findBrokenWalls(build({ ...sound, ...hen, ...Object.fromEntries(violations) }))
  })

  for (const [rule, files] of Object.entries(planted))
    for (const { file } of files)
      it(`${rule}: notices ${file}, and finds nothing else wrong with it`, () => {
        assert.deepEqual(rulesOf(walls.broken, file), [rule])
      })

  it('finds nothing but what was planted', () => {
    const files = Object.values(planted).flatMap((all) => all.map(({ file }) => file))
    assert.deepEqual([...new Set(walls.broken.map(({ from }) => from))].sort(), files.sort())
  })

  it('plants a violation of every rule that there is', async () => {
    const { default: rules } = (await import('#.dependency-cruiser.cjs' as string)) as {
      default: { forbidden: { name: string }[] }
    }
    const names = rules.forbidden.map(({ name }) => name)
    assert.deepEqual(Object.keys(planted).sort(), [...names, 'settings-in-config', 'no-barrels'].sort())
  })

  it('finds a sound house sound', async () => {
    const { broken, typescriptFilesWithImports } = await findBrokenWalls(build(sound))
    assert.deepEqual(broken, [])
    assert.equal(typescriptFilesWithImports, 14)
  })

  it('stand in this code', async () => {
    const { broken, typescriptFilesWithImports } = await findBrokenWalls()
    assert.deepEqual(broken, [])
    assert.ok(typescriptFilesWithImports > 50, 'the tool could read the code')
  })
})

function rulesOf(broken: BrokenWall[], file: string) {
  return [...new Set(broken.filter(({ from }) => from === file).map(({ rule }) => rule))]
}

/** Files under the real settings and packages, in a folder of their own. */
function build(files: Record<string, string>) {
  const folder = mkdtempSync(join(tmpdir(), 'openhcs-walls-'))
  folders.push(folder)
  for (const name of ['package.json', 'tsconfig.json']) cpSync(join(root, name), join(folder, name))
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  for (const [path, code] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), `${code}\n`)
  }
  return folder
}

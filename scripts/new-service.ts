import { existsSync, mkdirSync, writeFileSync } from 'node:fs'

// Writes the files of a new room: node scripts/new-service.ts <name> "<purpose in one line>"

const [name, purpose] = process.argv.slice(2)
if (!name || !/^[a-z][a-z-]{2,30}$/.test(name) || !purpose) {
  process.stderr.write('Usage: node scripts/new-service.ts <name, kebab-case> "<purpose in one line>"\n')
  process.exit(2)
}
const folder = new URL(`../services/${name}/`, import.meta.url)
if (existsSync(folder)) {
  process.stderr.write(`services/${name} exists already.\n`)
  process.exit(1)
}
const camel = name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
const schema = name.replaceAll('-', '_')
const tables = `${camel.charAt(0).toUpperCase()}${camel.slice(1)}Tables`

const files: Record<string, string> = {
  'README.md': `# ${name}\n\n${purpose}\n\n## Rules\n\n<!-- facts -->\n<!-- /facts -->\n`,
  'contract.ts': `import { Closed, Id, IdParams, operation } from '#platform/operation.ts'

export const Thing = Closed({ id: Id }, { title: 'Thing' })

export const readThing = operation({
  id: 'readThing',
  method: 'GET',
  url: '/v1/things/:id',
  summary: 'Read a thing',
  access: 'signed-in',
  params: IdParams,
  response: Thing,
})
`,
  'queries.ts': `import type { Kysely } from 'kysely'
import type { ${tables} } from './tables.ts'

export const thingById = (db: Kysely<${tables}>, id: string) =>
  db.selectFrom('thing').select('id').where('id', '=', id).executeTakeFirst()
`,
  'tables.ts': `export interface ${tables} {\n  thing: { id: string }\n}\n`,
  'routes.ts': `import { Problem } from '#platform/errors.ts'
import { type Route, route } from '#platform/service.ts'
import { readThing } from './contract.ts'
import { thingById } from './queries.ts'
import type { ${tables} } from './tables.ts'

export const routes: Route<${tables}>[] = [
  route(readThing, async (ctx, { params }) => {
    const thing = await thingById(ctx.db, params.id)
    if (!thing) throw new Problem('not-found', 'There is no such thing.')
    return thing
  }),
]
`,
  'outline.ts': `import { type Outline, operationsIn } from '#platform/outline.ts'
import * as contract from './contract.ts'

export const outline: Outline = {
  name: '${schema}',
  purpose: '${purpose.replaceAll("'", '’')}',
  resources: [],
  operations: operationsIn(contract),
  events: [],
  hears: [],
  people: [],
  migrations: new URL('./migrations/', import.meta.url),
}
`,
  'service.ts': `import type { Service } from '#platform/service.ts'
import { outline } from './outline.ts'
import { routes } from './routes.ts'
import type { ${tables} } from './tables.ts'

export const ${camel}: Service<${tables}> = {
  ...outline,
  routes,
  subscriptions: [],
  jobs: [],
}
`,
  'migrations/0001_thing.sql': `create table thing (\n  id   uuid primary key,\n  demo boolean not null default platform.is_demo()\n);\n`,
  'read-thing.test.ts': `import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { newId } from '#platform/ids.ts'
import { openTestHouse } from '#platform/testing.ts'
import { ${camel} } from './service.ts'

describe('GET /v1/things/{id}', () => {
  it('answers 404 for what is not there', async () => {
    await using house = await openTestHouse([${camel}])
    const somebody = await house.signedIn()
    assert.equal((await somebody.get(\`/v1/things/\${newId()}\`)).status, 404)
  })
})
`,
}

mkdirSync(new URL('migrations/', folder), { recursive: true })
for (const [file, content] of Object.entries(files)) writeFileSync(new URL(file, folder), content)
process.stdout.write(`services/${name} is there. Now:
  1. add \`${camel}\` to rooms.ts
  2. write its contract and migration
  3. npm run generate && make test
`)

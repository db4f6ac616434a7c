import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { outlines } from '#rooms.ts'
import { everything } from '#services.ts'

describe('what every process knows of a room', () => {
  for (const [n, outline] of outlines.entries())
    it(`is what ${outline.name} is: its operations, what it hears of, and what it does for a person`, () => {
      const room = everything[n]
      assert.deepEqual(
        outline.operations.map(({ id }) => id).toSorted(),
        room?.routes.map(({ operation }) => operation.id).toSorted(),
      )
      assert.deepEqual(
        outline.hears.map(({ name }) => name),
        room?.subscriptions.map(({ event }) => event.name),
      )
      assert.deepEqual(
        outline.people,
        (['aboutPerson', 'erase'] as const).filter((does) => room?.[does]),
      )
    })

  it('is all that is loaded of a room that runs elsewhere', () => {
    const loaded = loadedBy(SERVES_RECORDS)
    const rooms = loaded.flatMap((url) => /\/(services\/.*)$/.exec(url)?.[1] ?? [])
    assert.ok(rooms.includes('services/records/service.ts'))
    // Of registry what its keeper needs, who writes for the face that is here; scheduling's loads what it needs when it does.
    const known =
      /^services\/(records\/|registry\/(?!routes|service)|scheduling\/fhir\/keeper\.ts$|[a-z-]+\/(contract[./]|outline\.ts$|.*\/addresses\.ts$))/
    assert.deepEqual(
      rooms.filter((file) => !known.test(file)),
      [],
    )
  })

  it('needs no package of which only some ever have need: a client of HTTP, the job engine, pictures, YAML', () => {
    const loaded = loadedBy(`${SERVES_RECORDS}
      for (const one of ['http', 'house', 'jobs', 'migrate']) await import('./platform/' + one + '.ts')`)
    const packages = new Set(loaded.flatMap((url) => /\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1] ?? []))
    assert.ok(packages.has('fastify'))
    const seldom = ['undici', 'graphile-worker', '@napi-rs/image', 'image-size', 'file-type', 'yaml', '@fastify/static']
    assert.deepEqual(
      seldom.filter((one) => packages.has(one)),
      [],
    )
  })
})

const SERVES_RECORDS = `
  const { roomsFor } = await import('./rooms.ts')
  await roomsFor({ services: ['records'] })`

/** Every file that a process loads which does this. */
function loadedBy(script: string): string[] {
  const watched = `
    import { registerHooks } from 'node:module'
    registerHooks({ load: (url, context, next) => (console.log(url), next(url, context)) })
    ${script}`
  const { NODE_TEST_CONTEXT: _context, ...env } = process.env
  const { stdout, stderr, status } = spawnSync(process.execPath, ['--input-type=module', '--eval', watched], {
    ...{ cwd: join(import.meta.dirname, '../..'), env, encoding: 'utf8', maxBuffer: 16_777_216 },
  })
  assert.equal(status, 0, stderr)
  return stdout.split('\n')
}

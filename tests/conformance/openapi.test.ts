import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import SwaggerParser from '@apidevtools/swagger-parser'
import { Validator } from '@seriousme/openapi-schema-validator'
import { Ajv } from 'ajv'
import addFormats from 'ajv-formats'
import { exampleOf, openApiDocument } from '#platform/openapi.ts'
import { openTestHouse } from '#platform/testing.ts'
import { inputValidator } from '#platform/validate.ts'
import { everything } from '#services.ts'
import { lacksBrowser, openBrowser } from '../browser.ts'

const document = () =>
  structuredClone(openApiDocument(everything, { version: '0.0.0', publicUrl: 'http://localhost:8080' })) as Record<
    string,
    never
  >
const operations = everything
  .flatMap(({ routes }) => routes.map(({ operation }) => operation))
  .filter(({ access }) => access !== 'house')

describe('the OpenAPI document', () => {
  it('is valid OpenAPI 3.0 to two independent validators', async () => {
    const { openapi } = document()
    assert.equal(openapi, '3.0.3')
    const first = await new Validator().validate(document())
    assert.deepEqual(first.errors ?? [], [])
    await SwaggerParser.validate(document() as never)
  })

  it('lints clean with Redocly’s recommended rules, without a warning', () => {
    const folder = mkdtempSync(join(tmpdir(), 'openhcs-openapi-'))
    try {
      writeFileSync(join(folder, 'openapi.json'), JSON.stringify(document()))
      const redocly = new URL('../../node_modules/@redocly/cli/bin/cli.js', import.meta.url).pathname
      const environment = {
        ...process.env,
        REDOCLY_TELEMETRY: 'off',
        REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true',
        CI: 'true',
      }
      // A server on localhost is what this document is about; everything else of the recommended set applies.
      const options = [
        'lint',
        'openapi.json',
        '--extends',
        'recommended',
        '--skip-rule',
        'no-server-example.com',
        '--format',
        'json',
      ]
      const output = execFileSync(process.execPath, [redocly, ...options], {
        cwd: folder,
        env: environment,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      })
      const { totals, problems } = JSON.parse(output) as {
        totals: { errors: number; warnings: number }
        problems: unknown[]
      }
      assert.deepEqual(
        { errors: totals.errors, warnings: totals.warnings },
        { errors: 0, warnings: 0 },
        JSON.stringify(problems, null, 1).slice(0, 4_000),
      )
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })

  it('has examples that fit, error responses and security on every operation', () => {
    const ajv = new Ajv({ strict: false })
    addFormats.default(ajv)
    ajv.addFormat('iana-zone', true).addFormat('binary', true)
    for (const operation of operations) {
      const { id, body, response, params, query, access } = operation
      const shown = (document().paths as never)[operation.url.replace(/:(\w+)/g, '{$1}')][
        operation.method.toLowerCase()
      ] as { security: unknown[]; responses: Record<string, unknown>; summary: string }
      assert.ok(shown.summary && shown.responses['400'] && shown.responses['500'], id)
      assert.equal(shown.security.length, access === 'public' ? 0 : 1, id)
      if (access !== 'public') assert.ok(shown.responses['401'] && shown.responses['403'], id)
      const example = {
        params: params ? exampleOf(params) : {},
        query: query ? exampleOf(query) : {},
        body: body ? exampleOf(body) : undefined,
      }
      delete (example.query as Record<string, unknown>).cursor
      assert.doesNotThrow(() => inputValidator(operation)(structuredClone(example)), `${id}: the example of its input`)
      if (response)
        assert.ok(ajv.validate(response, exampleOf(response)), `${id}: the example of its answer: ${ajv.errorsText()}`)
    }
  })

  it('is what the house serves, and Swagger UI shows it', async () => {
    await using house = await openTestHouse(everything)
    const served = await house.anonymous.get('/openapi.json')
    assert.deepEqual(Object.keys(served.body.paths), Object.keys(document().paths ?? {}))
    const page = await house.anonymous.get('/docs/')
    assert.equal(page.status, 200)
    const named = [...String(page.body).matchAll(/(?:href|src)="([^"]+)"/g)].map(([, file]) => file ?? '')
    assert.ok(named.includes('/docs/static/swagger-ui-bundle.js'))
    for (const file of named) assert.equal((await house.anonymous.get(file)).status, 200, file)
  })

  const skip = lacksBrowser()
  it('is drawn in a browser, room by room with its operations, and asks nobody else for anything', {
    skip,
  }, async () => {
    await using house = await openTestHouse(everything)
    const origin = await house.app.listen({ host: '127.0.0.1', port: 0 })
    await using browser = await openBrowser('127.0.0.1')
    const tab = await browser.open(`${origin}/docs`)
    const drawn = (selector: string) =>
      tab.ask<string[]>(`(async () => {
        const found = () => [...document.querySelectorAll('${selector}')]
        for (let frames = 0; frames < 3_000 && found().length === 0; frames++) await new Promise(requestAnimationFrame)
        return found().map((one) => one.innerText.trim().split(/\\s/)[0])
      })()`)
    const { paths, tags } = document() as unknown as {
      paths: Record<string, Record<string, { tags: string[] }>>
      tags: { name: string }[]
    }
    assert.deepEqual(
      await drawn('.opblock-tag'),
      tags.map(({ name }) => name),
    )
    await tab.ask(`document.querySelector('.opblock-tag').click()`)
    const of = Object.values(paths).flatMap((path) =>
      Object.values(path).filter((one) => one.tags[0] === tags[0]?.name),
    )
    assert.equal((await drawn('.opblock')).length, of.length)
    assert.deepEqual(
      tab.asked.filter((url) => !url.startsWith(`${origin}/`) && !url.startsWith('data:')),
      [],
    )
    assert.deepEqual(tab.complaints, [])
  })

  it('has a page behind the type of every problem', async () => {
    await using house = await openTestHouse(everything)
    const { body } = await house.anonymous.get('/v1/nothing')
    assert.equal((await house.anonymous.get(new URL(body.type).pathname)).status, 200)
    assert.equal((await house.anonymous.get('/problems/constructor')).status, 404)
  })
})

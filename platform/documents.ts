import { promisify } from 'node:util'
import { gunzip, gzipSync } from 'node:zlib'
import type { FastifyInstance } from 'fastify'
import { typeWanted } from './answer-type.ts'
import { capabilityStatement, FHIR_BASE } from './capability-statement.ts'
import { issueTypes } from './errors.ts'
import type { House } from './house.ts'
import { openApiDocument } from './openapi.ts'
import { operationDefinitions } from './operation-definition.ts'
import { addSwaggerUi } from './swagger-ui.ts'
import { version } from './version.ts'

/** /openapi.json, Swagger UI under /docs, and the page that each problem's `type` opens. */
export function addDocuments(app: FastifyInstance, house: House): void {
  // Two megabytes that hardly anybody asks for: kept packed, and made when they are first asked for.
  let packed: Buffer | undefined
  app.get('/openapi.json', async (_request, reply) => {
    packed ??= gzipSync(
      JSON.stringify(openApiDocument(house.services, { version, publicUrl: house.config.PUBLIC_URL })),
    )
    return reply
      .type('application/json')
      .header('access-control-allow-origin', '*')
      .send(await unpacked(packed))
  })
  app.get<{ Params: { code: string } }>('/problems/:code', async ({ params }, reply) => {
    const known = Object.hasOwn(issueTypes, params.code)
      ? issueTypes[params.code as keyof typeof issueTypes]
      : undefined
    if (!known) return reply.callNotFound()
    return reply
      .type('text/html; charset=utf-8')
      .send(page(`${known.title} (${known.status})`, `<p>${known.meaning}</p><p>Code: <code>${params.code}</code></p>`))
  })
  app.get('/style.css', async (_request, reply) =>
    reply.type('text/css; charset=utf-8').header('cache-control', 'public, max-age=3600').send(style),
  )
  addFhirDocuments(app, house)
  addSwaggerUi(app)
}

const unpacked = promisify(gunzip)

/** What the FHIR face can do, for programs: open to everybody, as the standard has it. */
function addFhirDocuments(app: FastifyInstance, { services, config: { PUBLIC_URL: publicUrl }, now }: House): void {
  const statement = JSON.stringify(capabilityStatement(services, { version, publicUrl, date: now() }))
  app.get(`${FHIR_BASE}/metadata`, { exposeHeadRoute: true }, async (request, reply) =>
    reply.type(typeWanted(request)).header('access-control-allow-origin', '*').send(statement),
  )
  // Each at an address of its own: those that somebody stores are the room's that keeps them.
  for (const definition of operationDefinitions(services, publicUrl)) {
    const text = JSON.stringify(definition)
    app.get(`${FHIR_BASE}/OperationDefinition/${definition.id}`, { exposeHeadRoute: true }, async (request, reply) =>
      reply.type(typeWanted(request)).send(text),
    )
  }
}

/** A page for people. `body` is HTML that the caller has made safe. */
export function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)} · OpenHCS</title><link rel="stylesheet" href="/style.css"></head>
<body><main><h1>${escapeHtml(title)}</h1>${body}</main></body></html>`
}

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }
export const escapeHtml = (text: string) => text.replace(/[&<>"']/g, (character) => entities[character] ?? '')

const style = `
:root { color-scheme: light dark; font: 1.05rem/1.55 system-ui, sans-serif; }
body { margin: 0; background: Canvas; color: CanvasText; }
main { max-width: 44rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; }
h1 { font-size: 1.9rem; line-height: 1.2; } h2 { margin-top: 2.2rem; font-size: 1.2rem; }
table { border-collapse: collapse; width: 100%; } th, td { text-align: start; padding: .4rem .6rem; border-bottom: 1px solid color-mix(in srgb, CanvasText 20%, transparent); }
code { font-family: ui-monospace, monospace; font-size: .92em; } pre { overflow-x: auto; padding: .8rem; border: 1px solid color-mix(in srgb, CanvasText 20%, transparent); border-radius: .4rem; }
.notice { border-inline-start: .3rem solid #c60; padding: .5rem 1rem; }
a { color: LinkText; }
`

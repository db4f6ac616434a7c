import { createReadStream } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { FastifyInstance, FastifyReply } from 'fastify'

// Swagger UI over /openapi.json. Of its package only the files are served, each read from the disk when somebody asks for it: the plugin that comes with them
// keeps the whole document, and what writes it as YAML. `swagger-ui-dist` has the same files, with 7 MB of source maps beside them, and `@scarf/scarf`, which tells a company of
// each installation: who types `npx openhcs` would be told of, too.

const require = createRequire(import.meta.url)
const manifest = require.resolve('@fastify/swagger-ui/package.json')
const FILES: Readonly<Record<string, string>> = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  'favicon-32x32.png': 'image/png',
}
/** It draws its icons from data. What it asks for is of this server. */
const POLICY =
  "default-src 'self'; base-uri 'self'; font-src 'self' data:; form-action 'self'; frame-ancestors 'self'; img-src 'self' data:; object-src 'none'; script-src 'self'; script-src-attr 'none'; style-src 'self'"

export function addSwaggerUi(app: FastifyInstance): void {
  const shown = async (_request: unknown, reply: FastifyReply) =>
    reply.type('text/html; charset=utf-8').header('content-security-policy', POLICY).send(page)
  app.get('/docs', shown)
  app.get('/docs/', shown)
  app.get('/docs/static/start.js', async (_request, reply) => reply.type('text/javascript; charset=utf-8').send(start))
  for (const [file, type] of Object.entries(FILES))
    app.get(`/docs/static/${file}`, async (_request, reply) =>
      reply
        .type(type)
        .header('cache-control', 'public, max-age=3600')
        .send(createReadStream(join(manifest, '../static', file))),
    )
}

const page = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>OpenHCS</title><link rel="icon" type="image/png" href="/docs/static/favicon-32x32.png"><link rel="stylesheet" href="/docs/static/swagger-ui.css"></head>
<body><div id="swagger-ui"></div><script src="/docs/static/swagger-ui-bundle.js"></script><script src="/docs/static/start.js"></script></body></html>`

const start = `SwaggerUIBundle({ url: '/openapi.json', dom_id: '#swagger-ui', deepLinking: true, docExpansion: 'none', persistAuthorization: false, validatorUrl: null })
`

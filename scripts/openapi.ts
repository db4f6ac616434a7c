import { readFileSync } from 'node:fs'
import { openApiDocument } from '#platform/openapi.ts'
import { everything } from '#services.ts'
import { keep } from './generated-file.ts'

// docs/openapi.json: what GET /openapi.json serves, for reviews, linters and client generators.

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }
keep(
  'docs/openapi.json',
  `${JSON.stringify(openApiDocument(everything, { version, publicUrl: 'http://localhost:8080' }), null, 1)}\n`,
)

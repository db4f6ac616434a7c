import type { TSchema } from 'typebox'
import { ConfigSchema } from '#platform/config.ts'
import { keep } from './generated-file.ts'

// .env.example and docs/configuration.md, from the one schema of the configuration.

type Setting = TSchema & {
  description?: string
  default?: unknown
  enum?: string[]
  minimum?: number
  maximum?: number
}
const settings = Object.entries(ConfigSchema.properties) as [string, Setting][]

const rangeOf = ({ enum: values, minimum, maximum }: Setting) =>
  values?.join(', ') ?? (minimum === undefined ? '' : `${minimum} to ${maximum}`)

keep(
  '.env.example',
  `# Every setting with its default; each works on one machine as it is. Generated from platform/config.ts.\n\n${settings
    .map(([name, setting]) => `# ${setting.description}\n# ${name}=${setting.default}\n`)
    .join('\n')}`,
)

keep(
  'docs/configuration.md',
  `# Configuration

Environment variables, read once at start and checked. Secrets print as \`***\`. Generated from \`platform/config.ts\`.

| variable | meaning | default | permitted |
|---|---|---|---|
${settings.map(([name, setting]) => `| \`${name}\` | ${setting.description} | ${setting.default === '' ? '' : `\`${setting.default}\``} | ${rangeOf(setting)} |`).join('\n')}
`,
)

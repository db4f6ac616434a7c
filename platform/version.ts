import { readFileSync } from 'node:fs'

/** Of this release, and of the Node that it needs. */
export const { version, engines } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string
  engines: { node: string }
}

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Release } from '#infra/release/platform.ts'
import { makeBases } from './base.ts'
import { buildImage } from './build.ts'
import { run } from './run.ts'

const root = join(import.meta.dirname, '../..')
const REVISION = 'org.opencontainers.image.revision'

/** The image of this commit by its digest: the one in the local store if it is of this commit and nothing has changed since, else a new one. */
export function presentImage(name: string): Release {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
  const digest = digestOfCommit(name) ?? buildImage(name, makeBases()).digest
  return { version, source: `localhost/${name}@${digest}` }
}

function digestOfCommit(name: string): string | undefined {
  if (run('git', ['-C', root, 'status', '--porcelain']) !== '') return undefined
  const format = `{{.FromImageDigest}} {{index .OCIv1.Config.Labels "${REVISION}"}}`
  try {
    const [digest, revision] = run('buildah', ['inspect', '--type', 'image', '--format', format, name]).split(' ')
    return revision === run('git', ['-C', root, 'rev-parse', 'HEAD']) ? digest : undefined
  } catch {
    return undefined // there is none
  }
}

import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Bases } from './base.ts'
import { run } from './run.ts'

const root = join(import.meta.dirname, '../..')
const CERTIFICATES = '/etc/ssl/certs/ca-certificates.crt'

export interface Built {
  /** Of the manifest: what a registry would call it. */
  digest: string
  revision: string
  version: string
}

/** Builds the Dockerfile on these bases, without a daemon and without a cache, as `name`. */
export function buildImage(name: string, bases: Bases): Built {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'openhcs-image-'))
  const revision = run('git', ['-C', root, 'rev-parse', 'HEAD'])
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
  try {
    const npmrc = join(folder, 'npmrc')
    writeFileSync(npmrc, npmSettings(), { mode: 0o600 })
    const values = { BUILD_BASE: bases.build, RUN_BASE: bases.run, REVISION: revision, VERSION: version }
    const given = Object.entries(values).flatMap(([key, value]) => ['--build-arg', `${key}=${value}`])
    run('buildah', [
      ...[
        'build',
        '--quiet',
        '--isolation',
        'chroot',
        '--format',
        'oci',
        '--timestamp',
        '0',
        '--no-cache',
        '--pull-never',
      ],
      ...['--secret', `id=npmrc,src=${npmrc}`, '--volume', `${CERTIFICATES}:${CERTIFICATES}:ro`],
      ...[...given, '--tag', name, root],
    ])
    const digest = run('buildah', ['inspect', '--type', 'image', '--format', '{{.FromImageDigest}}', name])
    return { digest, revision, version }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** npm in the build asks as npm outside does: same registry, same roots of trust. A secret, so that no layer keeps it. */
function npmSettings(): string {
  const own = join(homedir(), '.npmrc')
  const kept = existsSync(own) ? readFileSync(own, 'utf8') : ''
  return `${kept}\ncafile=${CERTIFICATES}\n`
}

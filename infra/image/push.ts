import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { useOidcToken } from '../release/cluster/oidc.ts'
import { run } from './run.ts'

// `make push`: the image that `make image` has built, to REGISTRY/openhcs, by the version's tag. What is released is named by its digest, which is the one that
// was built twice. Whoever runs this is signed in to the registry already (buildah login), or AWS_REGION says to sign in to ECR with the role at hand.

const OUTPUT = join(import.meta.dirname, '../../coverage/image')

export interface Pushed {
  name: string
  version: string
  digest: string
}

export function push(registry: string, { tls = true, image = 'openhcs' } = {}): Pushed {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'openhcs-push-'))
  try {
    const version = run('buildah', [
      'inspect',
      '--type',
      'image',
      '--format',
      '{{index .OCIv1.Config.Labels "org.opencontainers.image.version"}}',
      image,
    ])
    const digestFile = join(folder, 'digest')
    const secure = `--tls-verify=${tls}`
    run('buildah', ['push', secure, '--digestfile', digestFile, image, `docker://${registry}/openhcs:${version}`])
    return { name: `${registry}/openhcs`, version, digest: readFileSync(digestFile, 'utf8').trim() }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function signInToEcr(registry: string, region: string): void {
  const password = run('aws', ['ecr', 'get-login-password', '--region', region])
  run('buildah', ['login', '--username', 'AWS', '--password-stdin', registry], { input: password })
}

if (import.meta.main) {
  const { REGISTRY, AWS_REGION, GITHUB_OUTPUT } = process.env
  if (!REGISTRY)
    throw new Error('REGISTRY says where the image goes, e.g. 000000000000.dkr.ecr.eu-west-1.amazonaws.com')
  useOidcToken()
  if (AWS_REGION) signInToEcr(REGISTRY, AWS_REGION)
  const pushed = push(REGISTRY)
  mkdirSync(OUTPUT, { recursive: true })
  writeFileSync(join(OUTPUT, 'image.json'), JSON.stringify(pushed))
  if (GITHUB_OUTPUT) appendFileSync(GITHUB_OUTPUT, `name=${pushed.name}\ndigest=${pushed.digest}\n`)
  process.stdout.write(`${pushed.name}@${pushed.digest}\n`)
}

import { appendFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { needPackages } from '../need-packages.ts'
import { useOidcToken } from '../release/cluster/oidc.ts'
import { run } from './run.ts'

// `make copy-image`: the image that was pushed for one environment, to the REGISTRY of the next. Each environment has a registry in an account of its own,
// and no role reaches two of them: so the image travels with the pipeline, in a folder, compressed once. Its digest is the same everywhere.

export const OUTPUT = join(import.meta.dirname, '../../coverage/image')

export interface Pushed {
  name: string
  version: string
  digest: string
}

export interface Stored extends Pick<Pushed, 'version' | 'digest'> {
  /** In OCI's layout. */
  folder: string
}

/** From the local store, with its layers compressed as a registry gets them. */
export function store(image: string, folder: string): Stored {
  const label = '{{index .OCIv1.Config.Labels "org.opencontainers.image.version"}}'
  const version = run('buildah', ['inspect', '--type', 'image', '--format', label, image])
  rmSync(folder, { recursive: true, force: true })
  const digestFile = `${folder}.digest`
  try {
    run('buildah', ['push', '--digestfile', digestFile, image, `oci:${folder}:${version}`])
    return { folder, version, digest: readFileSync(digestFile, 'utf8').trim() }
  } finally {
    rmSync(digestFile, { force: true })
  }
}

/** A registry that has it is left alone: its tags are given once. For the same reason nothing goes there but what was asked for. */
export function copy(registry: string, { folder, version, digest }: Stored, { tls = true } = {}): Pushed {
  const name = `${registry}/openhcs`
  const [here, there] = [`oci:${folder}:${version}`, `docker://${name}:${version}`]
  const secure = `--tls-verify=${tls}`
  const digestAt = (address: string) => run('skopeo', ['inspect', secure, '--format', '{{.Digest}}', address])
  const mustBe = (address: string) => {
    const found = digestAt(address)
    if (found !== digest) throw new Error(`${address} is ${found}, and should be ${digest}.`)
  }
  if (orNothing(() => digestAt(there)) !== digest) {
    mustBe(here)
    run('skopeo', ['copy', '--quiet', '--preserve-digests', `--dest-tls-verify=${tls}`, here, there])
    mustBe(there)
  }
  return { name, version, digest }
}

function orNothing(look: () => string): string | undefined {
  try {
    return look()
  } catch {
    return undefined
  }
}

/** To REGISTRY, where whoever runs this is signed in already (skopeo login), or AWS_REGION says to sign in to ECR with the role at hand. */
export function deliver(stored: Stored): void {
  const { REGISTRY: registry, AWS_REGION, GITHUB_OUTPUT } = process.env
  if (!registry)
    throw new Error('REGISTRY says where the image goes, e.g. 000000000000.dkr.ecr.eu-west-1.amazonaws.com')
  useOidcToken()
  if (AWS_REGION) {
    const password = run('aws', ['ecr', 'get-login-password', '--region', AWS_REGION])
    run('skopeo', ['login', '--username', 'AWS', '--password-stdin', registry], { input: password })
  }
  const pushed = copy(registry, stored)
  writeFileSync(join(OUTPUT, 'image.json'), JSON.stringify(pushed))
  if (GITHUB_OUTPUT) appendFileSync(GITHUB_OUTPUT, `name=${pushed.name}\ndigest=${pushed.digest}\n`)
  process.stdout.write(`${pushed.name}@${pushed.digest}\n`)
}

if (import.meta.main) {
  needPackages('make copy-image', { skopeo: '/usr/bin/skopeo' })
  const { version, digest } = JSON.parse(readFileSync(join(OUTPUT, 'image.json'), 'utf8')) as Pushed
  deliver({ folder: join(OUTPUT, 'layout'), version, digest })
}

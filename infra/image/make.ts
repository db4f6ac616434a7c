import { readFileSync } from 'node:fs'
import { needPackages } from '../need-packages.ts'
import { makeBases } from './base.ts'
import { buildImage } from './build.ts'
import { checkContents, checkRun, MAX_MEGABYTES } from './check.ts'
import { dockerfileProblems } from './dockerfile-rules.ts'
import { checkPush } from './registry.ts'

// `make image`: builds the image twice to the same digest, looks into it, and runs it as a cluster would.

const IMAGE = 'openhcs'
const PACKAGES = {
  buildah: '/usr/bin/buildah',
  podman: '/usr/bin/podman',
  runc: '/usr/sbin/runc',
  mmdebstrap: '/usr/bin/mmdebstrap',
  skopeo: '/usr/bin/skopeo',
  'docker-registry': '/usr/bin/docker-registry',
}
const say = (line: string) => process.stdout.write(`${line}\n`)

const problems = dockerfileProblems(readFileSync(new URL('../../Dockerfile', import.meta.url), 'utf8'))
if (problems.length > 0) throw new Error(`Dockerfile:\n${problems.join('\n')}`)
needPackages('make image', PACKAGES)
if (process.getuid?.() !== 0) throw new Error('make image needs root to build without a daemon.')
const bases = makeBases()
say(`bases: ${bases.run} and ${bases.build}`)
const [first, second] = [buildImage(IMAGE, bases), buildImage(`${IMAGE}-again`, bases)]
if (first.digest !== second.digest) throw new Error(`Built twice, to ${first.digest} and ${second.digest}`)
say(
  `built twice, to the same digest: ${first.digest} (version ${first.version}, revision ${first.revision.slice(0, 12)})`,
)
const megabytes = checkContents(IMAGE)
if (megabytes > MAX_MEGABYTES) throw new Error(`${megabytes.toFixed(0)} MB in a registry; at most ${MAX_MEGABYTES}`)
say(`no shell, no tests, no settings, no keys; ${megabytes.toFixed(0)} MB in a registry`)
await checkRun(IMAGE)
say('migrates, serves, is ready, and drains: read-only, without capabilities, as 65532, in 256 MB')
say(
  `pushed to a registry, where it is called ${await checkPush([IMAGE, `${IMAGE}-again`])}, both times, and in the next one`,
)

import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { makeBases } from './base.ts'
import { buildImage } from './build.ts'
import { checkContents, checkRun, MAX_MEGABYTES } from './check.ts'
import { dockerfileProblems } from './dockerfile-rules.ts'

// `make image`: builds the image twice to the same digest, looks into it, and runs it as a cluster would.

const IMAGE = 'openhcs'
const PACKAGES = ['buildah', 'podman', 'runc', 'mmdebstrap', 'skopeo']
const say = (line: string) => process.stdout.write(`${line}\n`)

function needPackages(): void {
  const missing = PACKAGES.filter((name) => !existsSync(`/usr/bin/${name}`) && !existsSync(`/usr/sbin/${name}`))
  if (missing.length === 0) return
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get'))
    throw new Error(`make image needs ${missing.join(', ')} (Debian packages), and root to build without a daemon.`)
  const options = { stdio: 'ignore' as const, env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } }
  execFileSync('apt-get', ['update'], options)
  execFileSync('apt-get', ['install', '-y', '--no-install-recommends', ...missing], options)
}

const problems = dockerfileProblems(readFileSync(new URL('../../Dockerfile', import.meta.url), 'utf8'))
if (problems.length > 0) throw new Error(`Dockerfile:\n${problems.join('\n')}`)
needPackages()
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

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { presentImage } from '#infra/image/present.ts'
import { needPackages } from '../need-packages.ts'
import { base, type Environment, environments } from './environment.ts'
import { partOf, parts, unreleased } from './files.ts'
import { playPods } from './play.ts'
import { policyProblems } from './policy.ts'
import { byHelm, byKustomize, differences, lintChart, wantedOfChart } from './render.ts'
import { schemaProblems } from './schema.ts'
import { unpackTools } from './tools.ts'

// `make k8s`: every object against its schema and our policy, by three ways that must agree, and the pods themselves run.

const say = (line: string) => process.stdout.write(`${line}\n`)
const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8')) as {
  version: string
}
const release = unreleased(version)
const all: Environment[] = [base, ...Object.values(environments)].flatMap((environment) => [
  environment,
  { ...environment, rooms: 'apart' as const },
])

function refuse(what: string, problems: readonly string[]): void {
  if (problems.length > 0) throw new Error(`${what}:\n${problems.join('\n')}`)
}

let count = 0
for (const environment of all) {
  const objects = parts.flatMap((part) => partOf(environment, part, release))
  refuse(`${environment.name}, schema`, schemaProblems(objects))
  refuse(`${environment.name}, policy`, policyProblems(objects))
  count += objects.length
}
say(`${count} objects: no unknown field, no policy broken`)

function renderAll(): void {
  using tools = unpackTools()
  if (!tools) throw new Error('make k8s needs Linux on x64: kubectl and Helm come as programs for that')
  lintChart(tools)
  for (const environment of all)
    for (const part of parts) {
      const name = `${environment.name}, ${environment.rooms}, ${part}`
      const charted = byHelm(tools, environment, part, release)
      refuse(`${name}, Helm`, [
        ...schemaProblems(charted),
        ...differences(charted, wantedOfChart(environment, part, release)),
      ])
      if (environment.rooms === 'apart' || environment.name === base.name) continue
      const overlaid = byKustomize(tools, environment, part)
      refuse(`${name}, kustomize`, [
        ...schemaProblems(overlaid),
        ...differences(overlaid, partOf(environment, part, release)),
      ])
    }
}

renderAll()
say('kustomize and Helm give the same objects; the chart has nothing to complain of')

needPackages('make k8s', {
  buildah: '/usr/bin/buildah',
  podman: '/usr/bin/podman',
  runc: '/usr/sbin/runc',
  mmdebstrap: '/usr/bin/mmdebstrap',
  catatonit: '/usr/bin/catatonit',
})
if (process.getuid?.() !== 0) throw new Error('make k8s needs root to run pods; everything before this was checked.')
const image = presentImage('openhcs')
say(`image: ${image.source}`)
for (const line of await playPods(image)) say(line)

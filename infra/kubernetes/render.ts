import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { parseAllDocuments, stringify } from 'yaml'
import { run } from '#infra/image/run.ts'
import type { Thing } from '#infra/release/cluster/kubernetes.ts'
import type { Release } from '#infra/release/platform.ts'
import { valuesOf } from './chart.ts'
import type { Environment } from './environment.ts'
import { type Part, partOf } from './files.ts'
import type { Tools } from './tools.ts'

// The other two ways to the same objects: the committed YAML through kustomize, and the chart through Helm.

const CHART = join(import.meta.dirname, 'chart')
const OVERLAYS = join(import.meta.dirname, 'overlays')

const objectsIn = (text: string): Thing[] =>
  parseAllDocuments(text).flatMap((document) => (document.toJS() as Thing | null) ?? [])

export const byKustomize = ({ kubectl }: Tools, { name }: Environment, part: Part): Thing[] =>
  objectsIn(run(kubectl, ['kustomize', join(OVERLAYS, name, part)]))

export function byHelm(tools: Tools, environment: Environment, part: Part, release: Release, chart = CHART): Thing[] {
  const values = join(tools.folder, `${environment.name}-${part}.yaml`)
  writeFileSync(values, stringify(valuesOf(environment, part, release)))
  const options = ['--namespace', environment.namespace, '--values', values]
  return objectsIn(run(tools.helm, ['template', 'openhcs', chart, ...options], { env: homeIn(tools) }))
}

export function lintChart(tools: Tools): void {
  run(tools.helm, ['lint', '--strict', CHART], { env: homeIn(tools) })
}

/** Helm leaves its cache and settings beside the program, and so nowhere else. */
const homeIn = ({ folder }: Tools) => ({
  HELM_CACHE_HOME: join(folder, 'cache'),
  HELM_CONFIG_HOME: join(folder, 'config'),
  HELM_DATA_HOME: join(folder, 'data'),
})

/** Which objects the two lists do not share, or have otherwise. The order means nothing. */
export function differences(rendered: readonly Thing[], wanted: readonly Thing[]): string[] {
  const byAddress = (objects: readonly Thing[]) =>
    new Map(objects.map((object) => [`${object.kind} ${object.metadata?.namespace} ${object.metadata?.name}`, object]))
  const [one, other] = [byAddress(rendered), byAddress(wanted)]
  return [...new Set([...one.keys(), ...other.keys()])].flatMap((address) => {
    if (!one.has(address)) return [`${address} is missing`]
    if (!other.has(address)) return [`${address} is nobody's`]
    return isDeepStrictEqual(one.get(address), other.get(address)) ? [] : [`${address} is another`]
  })
}

/** The namespace of a chart is made by `helm install --create-namespace`. */
export const wantedOfChart = (environment: Environment, part: Part, release: Release): Thing[] =>
  partOf(environment, part, release).filter(({ kind }) => kind !== 'Namespace')

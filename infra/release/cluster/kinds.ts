import type { Colour, Release, State } from '../platform.ts'
import { apply, type Cluster, COLOUR, erase, find, type Thing } from './kubernetes.ts'

// Objects of one kind by themselves, for whoever looks after a cluster: what is there, put it back as it should be, take it away.

/** By the words of the command line. Secrets are listed by their names, never with what they hold; what is applied is the reference that fills them. */
export const KINDS = {
  deployments: { apiVersion: 'apps/v1', kind: 'Deployment', source: 'Deployment' },
  services: { apiVersion: 'v1', kind: 'Service', source: 'Service' },
  secrets: { apiVersion: 'v1', kind: 'Secret', source: 'ExternalSecret' },
  'config-maps': { apiVersion: 'v1', kind: 'ConfigMap', source: 'ConfigMap' },
} as const

export type KindName = keyof typeof KINDS

export async function listOf(cluster: Cluster, namespace: string, name: KindName): Promise<string[]> {
  const { apiVersion, kind } = KINDS[name]
  const label = 'app.kubernetes.io/name=openhcs'
  const { items } = await cluster.list(apiVersion, kind, namespace, undefined, undefined, undefined, undefined, label)
  return items.map(({ metadata }) =>
    [metadata?.name, metadata?.labels?.[COLOUR], metadata?.labels?.['app.kubernetes.io/version']]
      .filter(Boolean)
      .join(' '),
  )
}

/** Puts back what this release says of that kind. */
export async function applyOf(cluster: Cluster, name: KindName, objects: readonly Thing[]): Promise<string[]> {
  const chosen = objects.filter(({ kind }) => kind === KINDS[name].source)
  await apply(cluster, name === 'deployments' ? await Promise.all(chosen.map((one) => asMany(cluster, one))) : chosen)
  return chosen.map(({ metadata }) => metadata?.name ?? '')
}

/** As many replicas as there are: the autoscaler's number, which the least that the release asks for would cut in the middle of the day. */
async function asMany(cluster: Cluster, object: Thing): Promise<Thing> {
  const { name = '', namespace = '' } = object.metadata ?? {}
  const running = await find(cluster, { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, namespace } })
  const replicas = running?.spec?.replicas ?? object.spec?.replicas
  return { ...object, spec: { ...object.spec, replicas } }
}

/** Only of a colour that has no share of the traffic: the rest serves people. */
export async function deleteOf(
  cluster: Cluster,
  name: KindName,
  colour: Colour,
  state: State,
  objects: (colour: Colour, release: Release) => Thing[],
): Promise<string[]> {
  const { release, share } = state[colour]
  if (share > 0) throw new Error(`${colour} has ${share} % of the traffic: shift it away first.`)
  const chosen = release ? objects(colour, release).filter(({ kind }) => kind === KINDS[name].source) : []
  for (const object of chosen) await erase(cluster, object)
  return chosen.map(({ metadata }) => metadata?.name ?? '')
}

import { setTimeout as sleep } from 'node:timers/promises'
import type { KubernetesObject, KubernetesObjectApi } from '@kubernetes/client-node'
import { PatchStrategy } from '@kubernetes/client-node'
import { parseLines } from '../journal.ts'
import type { Colour, Entry, ReleasePlatform } from '../platform.ts'

// What the driver asks of a cluster. Objects are applied on the server's side under one name of a manager, so that what somebody else owns (the
// autoscaler's number of replicas) stays theirs.

const MANAGER = 'openhcs-release'
export const COLOUR = 'openhcs.org/colour'

// biome-ignore lint/suspicious/noExplicitAny: objects of every kind, read by their names
export type Thing = KubernetesObject & { spec?: any; status?: any; data?: any }

export type Cluster = Pick<KubernetesObjectApi, 'create' | 'read' | 'list' | 'patch' | 'replace' | 'delete'>

export interface Address {
  apiVersion: string
  kind: string
  metadata: { name: string; namespace: string }
}

export const codeOf = (error: unknown) => (error as { code?: number }).code

export async function find(cluster: Cluster, address: Address): Promise<Thing | undefined> {
  try {
    return (await cluster.read(address)) as Thing
  } catch (error) {
    if (codeOf(error) === 404) return undefined
    throw error
  }
}

export async function apply(cluster: Cluster, objects: readonly Thing[]): Promise<void> {
  for (const object of objects)
    await cluster.patch(object, undefined, undefined, MANAGER, true, PatchStrategy.ServerSideApply)
}

export async function erase(cluster: Cluster, object: KubernetesObject): Promise<void> {
  try {
    await cluster.delete(object, undefined, undefined, undefined, undefined, 'Foreground')
  } catch (error) {
    if (codeOf(error) !== 404) throw error
  }
}

/** Runs a Job to its end; one of the same name from before goes first. Throws when it fails. */
export async function runJob(cluster: Cluster, job: Thing, pollMs: number): Promise<void> {
  const address = addressOf(job)
  await erase(cluster, job)
  while (await find(cluster, address)) await sleep(pollMs)
  await cluster.create(job)
  for (;;) {
    const conditions = ((await find(cluster, address))?.status?.conditions ?? []) as {
      type: string
      status: string
      message?: string
    }[]
    const is = (type: string) => conditions.find((one) => one.type === type && one.status === 'True')
    if (is('Complete')) return
    const failed = is('Failed')
    if (failed) throw new Error(`the job ${address.metadata.name} failed: ${failed.message ?? 'see its log'}`)
    await sleep(pollMs)
  }
}

function addressOf({ apiVersion, kind, metadata }: KubernetesObject): Address {
  if (!apiVersion || !kind || !metadata?.name || !metadata.namespace)
    throw new Error('an object without name and namespace')
  return { apiVersion, kind, metadata: { name: metadata.name, namespace: metadata.namespace } }
}

export async function ofColour(
  cluster: Cluster,
  namespace: string,
  kind: string,
  colour: Colour,
  apiVersion = 'apps/v1',
): Promise<Thing[]> {
  const { items } = await cluster.list(
    apiVersion,
    kind,
    namespace,
    undefined,
    undefined,
    undefined,
    undefined,
    `${COLOUR}=${colour}`,
  )
  // A list does not say what its items are.
  return items.map((item) => ({ ...item, apiVersion, kind }))
}

/** Undefined when every replica of this generation is available; else what is missing. */
export function unavailable({ metadata, spec, status }: Thing): string | undefined {
  const wanted = spec?.replicas ?? 1
  if ((status?.observedGeneration ?? 0) < (metadata?.generation ?? 0))
    return `${metadata?.name} has not been looked at yet`
  const there = Math.min(status?.updatedReplicas ?? 0, status?.availableReplicas ?? 0)
  if (there < wanted || (status?.replicas ?? 0) > wanted)
    return `${metadata?.name}: ${there} of ${wanted} are available`
  return undefined
}

/** Zero replicas; the autoscaler leaves alone what somebody has set to zero. */
export async function scaleToZero(cluster: Cluster, namespace: string, colour: Colour, pollMs: number): Promise<void> {
  for (const { apiVersion, kind, metadata } of await ofColour(cluster, namespace, 'Deployment', colour))
    await cluster.patch(
      { apiVersion, kind, metadata: { name: metadata?.name, namespace }, spec: { replicas: 0 } } as Thing,
      undefined,
      undefined,
      undefined,
      undefined,
      PatchStrategy.MergePatch,
    )
  while ((await ofColour(cluster, namespace, 'Pod', colour, 'v1')).length > 0) await sleep(pollMs)
}

/** The audit file of a cluster: a ConfigMap, so that any runner can go on where another one stopped. The newest lines; pipelines keep them all. */
const KEPT_LINES = 500

export function configMapJournal(
  cluster: Cluster,
  namespace: string,
  also: (entry: Entry) => Promise<void>,
): ReleasePlatform['journal'] {
  const address = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'openhcs-releases', namespace } }
  const read = async () => (await find(cluster, address))?.data?.journal ?? ''
  return {
    read: async () => parseLines(await read()),
    async append(entry) {
      const lines = [...(await read()).split('\n').filter(Boolean), JSON.stringify(entry)].slice(-KEPT_LINES)
      await apply(cluster, [{ ...address, data: { journal: `${lines.join('\n')}\n` } }])
      await also(entry)
    },
  }
}

import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import type { Lock } from '../platform.ts'
import { type Cluster, codeOf, find, type Thing } from './kubernetes.ts'

const LEASE_SECONDS = 60

/**
 * A Lease that is renewed while the driver lives. One that was not renewed in time may be taken over, by whoever replaces it first. Every write
 * carries the version that was read, so that nobody writes over somebody else's.
 */
export async function takeLease(
  cluster: Cluster,
  namespace: string,
  everyMs = (LEASE_SECONDS * 1_000) / 4,
): Promise<Lock> {
  const address = {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name: 'openhcs-release', namespace },
  }
  const holder = `${hostname()}-${process.pid}-${randomUUID()}`
  const spec = () => ({
    holderIdentity: holder,
    leaseDurationSeconds: LEASE_SECONDS,
    renewTime: new Date().toISOString().replace('Z', '000Z'),
  })
  const replace = (held: Thing) =>
    cluster.replace({ ...held, ...address, metadata: { ...held.metadata, ...address.metadata }, spec: spec() } as Thing)
  /** Throws when it is somebody else's, or was somebody else's a moment ago. */
  const renew = async () => {
    const held = await find(cluster, address)
    if (held?.spec?.holderIdentity !== holder)
      throw new Error(
        `The lease of this release was lost to ${held?.spec?.holderIdentity ?? 'nobody'}; whoever has it goes on.`,
      )
    await replace(held)
  }

  const held = await find(cluster, address)
  const age = held ? Date.now() - Date.parse(held.spec.renewTime) : 0
  if (held && age < LEASE_SECONDS * 1_000)
    throw new Error(
      `Another release is under way, by ${held.spec.holderIdentity}, who was seen ${(age / 1_000).toFixed(0)} s ago.`,
    )
  try {
    await (held ? replace(held) : cluster.create({ ...address, spec: spec() } as Thing))
  } catch (error) {
    if (codeOf(error) === 409) throw new Error('Another release has just begun.')
    throw error
  }
  // The next one may succeed; if none does, the lease runs out, as it should, and `held` says so.
  let renewal = Promise.resolve()
  const timer = setInterval(() => {
    renewal = renewal.then(renew).catch(() => {})
  }, everyMs)
  timer.unref()
  return {
    async held() {
      await renewal
      await renew()
    },
    async [Symbol.asyncDispose]() {
      clearInterval(timer)
      await renewal
      const last = await find(cluster, address)
      if (last?.spec?.holderIdentity !== holder) return
      const only = { preconditions: { resourceVersion: last.metadata?.resourceVersion ?? '' } }
      await cluster.delete(last, undefined, undefined, undefined, undefined, undefined, only)
    },
  }
}

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Driver, release } from '../driver.ts'
import type { Colour, Release } from '../platform.ts'
import { careful } from '../settings.ts'
import { ClusterPlatform } from './cluster.ts'
import { applyOf, deleteOf, listOf } from './kinds.ts'
import { COLOUR, type Thing, unavailable } from './kubernetes.ts'
import { takeLease } from './lease.ts'
import { type FakeApi, type FakeAws, openFakeApi, openFakeAws } from './testing.ts'

const first: Release = { version: '1.0.0', source: `registry.example/openhcs@sha256:${'1'.repeat(64)}` }
const second: Release = { version: '2.0.0', source: `registry.example/openhcs@sha256:${'2'.repeat(64)}` }
const namespace = 'openhcs'

const targetGroups = {
  blue: 'arn:aws:elasticloadbalancing:eu-test-1:000000000000:targetgroup/blue/1',
  green: 'arn:aws:elasticloadbalancing:eu-test-1:000000000000:targetgroup/green/2',
}

function objects(colour: Colour, { version, source }: Release): Thing[] {
  const labels = { 'app.kubernetes.io/name': 'openhcs', [COLOUR]: colour, 'app.kubernetes.io/version': version }
  const metadata = { name: `openhcs-${colour}`, namespace, labels }
  const container = { name: 'openhcs', image: source }
  return [
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata,
      spec: { replicas: 2, template: { spec: { containers: [container] } } },
    },
    { apiVersion: 'v1', kind: 'Service', metadata, spec: {} },
  ]
}

const job = (_release: Release, stage: 'expand' | 'contract'): Thing => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name: `openhcs-migrate-${stage}`, namespace },
  spec: {},
})

function driverOf(api: FakeApi, aws: FakeAws, changes: Partial<Driver> = {}): Driver {
  const platform = new ClusterPlatform(
    { cluster: api.client, balancer: aws.balancer, metrics: aws.metrics },
    {
      namespace,
      pollMs: 1,
      listenerArn: 'arn:aws:elasticloadbalancing:eu-test-1:000000000000:listener/app/openhcs/1/2',
      previewRuleArn: 'arn:aws:elasticloadbalancing:eu-test-1:000000000000:listener-rule/app/openhcs/1/2/3',
      origin: 'https://care.example',
      previewOrigin: 'https://preview.care.example',
      targetGroups,
      objects,
      job,
      nightly: ({ version }) => [
        {
          apiVersion: 'batch/v1',
          kind: 'CronJob',
          metadata: { name: 'openhcs-audit', namespace, labels: { 'app.kubernetes.io/version': version } },
          spec: {},
        },
      ],
      evidence: async () => {},
    },
  )
  return {
    platform,
    settings: {
      ...careful,
      bakeSeconds: 0,
      minRequests: 0,
      pollMs: 1,
      limits: { short: 5, migrate: 5, ready: 5, drain: 5 },
    },
    smoke: async (origin) => origin,
    loadGate: async () => 'fast',
    say: () => {},
    ...changes,
  }
}

const start = async () => {
  const api = await openFakeApi()
  const aws = openFakeAws({ [targetGroups.blue]: 100, [targetGroups.green]: 0 })
  await release(driverOf(api, aws), first)
  return { api, aws, [Symbol.asyncDispose]: () => api[Symbol.asyncDispose]() }
}

describe('a release to a cluster', () => {
  it('moves the weights of the two target groups and leaves one colour', async () => {
    await using place = await start()
    const { api, aws } = place
    const seen: number[] = []
    const set = aws.weights.set.bind(aws.weights)
    aws.weights.set = (arn, weight) => {
      if (arn === targetGroups.green) seen.push(weight)
      return set(arn, weight)
    }
    assert.equal((await release(driverOf(api, aws), second)).ended, 'finished')
    assert.deepEqual(seen, [10, 50, 100])
    assert.equal(aws.preview, targetGroups.green)
    const nightly = [...api.objects.values()].find(({ kind }) => kind === 'CronJob')
    assert.equal(
      nightly?.metadata?.labels?.['app.kubernetes.io/version'],
      second.version,
      'the nightly check goes with the release',
    )
    const names = [...api.objects.values()].map(({ kind, metadata }) => `${kind} ${metadata?.name}`).sort()
    assert.deepEqual(names, [
      'ConfigMap openhcs-releases',
      'CronJob openhcs-audit',
      'Deployment openhcs-green',
      'Job openhcs-migrate-contract',
      'Job openhcs-migrate-expand',
      'Service openhcs-green',
    ])
  })

  it('gives everything back when the migration fails, or the balancer finds nobody healthy', async () => {
    for (const harm of [
      ({ failing }: FakeApi) => failing.add('openhcs-migrate-expand'),
      (_api: FakeApi, aws: FakeAws) => Object.assign(aws, { healthy: false }),
    ]) {
      await using place = await start()
      const { api, aws } = place
      harm(api, aws)
      const driver = driverOf(api, aws)
      driver.settings.limits.ready = 0.2
      const { ended, reason } = await release(driver, second)
      assert.equal(ended, 'rolled back')
      assert.match(reason, /openhcs-migrate-expand failed: planted|not done within 0\.2 s/)
      assert.equal(aws.weights.get(targetGroups.blue), 100)
      assert.ok(![...api.objects.keys()].some((key) => key.endsWith('openhcs-green')))
    }
  })

  it('gives everything back when the target group answers with failures', async () => {
    await using place = await start()
    const { api, aws } = place
    const driver = driverOf(api, aws, {
      loadGate: async () => {
        const send = aws.metrics.send
        let looks = 0
        aws.metrics.send = (async (command: never) => {
          aws.sums.HTTPCode_Target_5XX_Count = ++looks * 10
          aws.sums.RequestCount = looks * 100
          return await send(command)
        }) as never
        return 'fast'
      },
    })
    assert.match((await release(driver, second)).reason, /^shift 10: 10 of 100 requests failed/)
  })

  it('waits for whoever holds the lease, and takes over one that was not renewed', async () => {
    await using place = await start()
    const { api, aws } = place
    const { platform } = driverOf(api, aws)
    await using held = await platform.lock()
    await held.held()
    await assert.rejects(driverOf(api, aws).platform.lock(), /Another release is under way/)
    const [key, lease] = [...api.objects].find(([path]) => path.includes('/leases/')) as [string, Thing]
    api.objects.set(key, { ...lease, spec: { ...lease.spec, renewTime: '2020-01-01T00:00:00.000000Z' } })
    await using taken = await driverOf(api, aws).platform.lock()
    await assert.rejects(held.held(), /was lost to/)
    await taken.held()
  })

  it('renews its lease, and never writes over one that somebody else has taken over', async () => {
    await using place = await start()
    const { api } = place
    const leases = () => [...api.objects].find(([path]) => path.includes('/leases/')) as [string, Thing]
    const lock = await takeLease(api.client, namespace, 10)
    const [key, first] = leases()
    while (leases()[1].metadata?.resourceVersion === first.metadata?.resourceVersion) await sleep(5)
    // As a cluster would: a renewal that has read what was there before is refused.
    const metadata = { ...first.metadata, resourceVersion: 'theirs' }
    const theirs = { ...leases()[1], metadata, spec: { ...first.spec, holderIdentity: 'somebody else' } }
    api.objects.set(key, theirs)
    await sleep(50)
    assert.deepEqual(leases()[1], theirs)
    await lock[Symbol.asyncDispose]()
    assert.deepEqual(leases()[1], theirs)
  })

  it('does not take a Deployment for available that is only half there', () => {
    const deployment = (status: object): Thing => ({
      metadata: { name: 'a', generation: 2 },
      spec: { replicas: 2 },
      status,
    })
    const whole = { observedGeneration: 2, replicas: 2, updatedReplicas: 2, availableReplicas: 2 }
    assert.equal(unavailable(deployment(whole)), undefined)
    for (const lack of [{ observedGeneration: 1 }, { updatedReplicas: 1 }, { availableReplicas: 1 }, { replicas: 3 }])
      assert.ok(unavailable(deployment({ ...whole, ...lack })), JSON.stringify(lack))
  })

  it('lists, puts back and takes away objects of one kind, but not of a colour that serves', async () => {
    await using place = await start()
    const { api, aws } = place
    const { platform } = driverOf(api, aws)
    const state = await platform.state()
    const deployment = [...api.objects.values()].find(({ kind }) => kind === 'Deployment')
    Object.assign(deployment?.spec, { replicas: 9 }) // as the autoscaler would
    await applyOf(api.client, 'deployments', objects('blue', first))
    assert.equal([...api.objects.values()].find(({ kind }) => kind === 'Deployment')?.spec.replicas, 9)
    assert.deepEqual(await applyOf(api.client, 'services', objects('blue', first)), ['openhcs-blue'])
    await assert.rejects(deleteOf(api.client, 'deployments', 'blue', state, objects), /100 % of the traffic/)
    await platform.start('green', second)
    assert.deepEqual(await deleteOf(api.client, 'deployments', 'green', await platform.state(), objects), [
      'openhcs-green',
    ])
    assert.deepEqual(await listOf(api.client, namespace, 'deployments'), ['openhcs-blue blue 1.0.0'])
  })
})

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ClusterPlatform } from '#infra/release/cluster/cluster.ts'
import { COLOUR as RELEASE_COLOUR } from '#infra/release/cluster/kubernetes.ts'
import { openFakeApi, openFakeAws } from '#infra/release/cluster/testing.ts'
import { everything } from '#services.ts'
import { type Environment, environments } from './environment.ts'
import { COLOUR } from './labels.ts'
import { jobOf, nameOf, objectsOf } from './objects.ts'

const { production } = environments
const release = { version: '2.0.0', source: `registry.example/openhcs@sha256:${'2'.repeat(64)}` }

describe('objects of a release', () => {
  it('are started, found and removed by the release driver, none left behind', async () => {
    await using api = await openFakeApi()
    const targetGroups = production.targetGroups ?? assert.fail('production has a load balancer')
    const { blue, green } = targetGroups
    const aws = openFakeAws({ [blue]: 100, [green]: 0 })
    const platform = new ClusterPlatform(
      { cluster: api.client, balancer: aws.balancer, metrics: aws.metrics },
      {
        namespace: production.namespace,
        pollMs: 1,
        listenerArn: 'arn:aws:elasticloadbalancing:eu-test-1:000000000000:listener/app/openhcs/1/2',
        previewRuleArn: 'arn:aws:elasticloadbalancing:eu-test-1:000000000000:listener-rule/app/openhcs/1/2/3',
        origin: 'https://care.example',
        previewOrigin: 'https://preview.care.example',
        targetGroups,
        objects: (colour, one) => objectsOf(production, colour, one),
        nightly: () => [],
        job: (one, stage) => jobOf(production, one, stage),
        evidence: async () => {},
      },
    )
    assert.equal(await platform.migrate(release, 'expand'), 'openhcs-migrate-expand is complete')
    await platform.start('green', release)
    assert.equal(api.objects.size, 1 + objectsOf(production, 'green', release).length)
    assert.equal(await platform.unready('green'), undefined)
    assert.deepEqual((await platform.state()).green.release, release)
    await platform.remove('green')
    assert.deepEqual(
      [...api.objects.values()].map(({ kind }) => kind),
      ['Job'],
    )
  })

  it('carry the label by which the driver finds them', () => {
    assert.equal(COLOUR, RELEASE_COLOUR)
    for (const { kind, metadata } of objectsOf(production, 'green', release))
      assert.equal(metadata?.labels?.[COLOUR], 'green', kind)
  })

  it('know every other room’s address when rooms are apart, of the same colour', () => {
    const ranges = { settings: { TRUST_PROXY: '10.30.0.0/16' }, podRanges: ['10.30.0.0/16', '10.244.0.0/16'] }
    const apart: Environment = { ...production, ...ranges, rooms: 'apart' }
    const objects = objectsOf(apart, 'blue', release)
    const services = objects.filter(({ kind }) => kind === 'Service').map(({ metadata }) => metadata?.name)
    assert.deepEqual(services, [...everything.map(({ name }) => nameOf(name, 'blue')), 'openhcs-blue'])
    for (const { name } of everything) {
      const deployment = objects.find(
        ({ kind, metadata }) => kind === 'Deployment' && metadata?.name === nameOf(name, 'blue'),
      )
      const env: { name: string; value: string }[] = deployment?.spec.template.spec.containers[0].env
      const settingOf = (setting: string) => env.find((one) => one.name === setting)?.value
      assert.equal(settingOf('OPENHCS_SERVICES'), name)
      assert.equal(
        settingOf('OPENHCS_REMOTES'),
        everything
          .filter((other) => other.name !== name)
          .map((other) => `${other.name}=http://${nameOf(other.name, 'blue')}:8080`)
          .join(),
      )
      assert.equal(settingOf('TRUST_PROXY'), '10.30.0.0/16,10.244.0.0/16')
    }
  })

  it('are joined to the balancer by one Service, grouped and apart: that of the pods which answer people, and no other', () => {
    for (const rooms of ['grouped', 'apart'] as const) {
      const objects = objectsOf({ ...production, rooms }, 'blue', release)
      const bound = objects.filter(({ kind }) => kind === 'TargetGroupBinding').map(({ spec }) => spec.serviceRef.name)
      assert.deepEqual(bound, ['openhcs-blue'])
      const door = objects.find(({ kind, metadata }) => kind === 'Service' && metadata?.name === 'openhcs-blue')
      const selected = objects
        .filter(({ kind }) => kind === 'Deployment')
        .filter(({ spec }) =>
          Object.entries(door?.spec.selector).every(([name, value]) => spec.template.metadata.labels[name] === value),
        )
      const names = rooms === 'grouped' ? ['openhcs-blue'] : everything.map(({ name }) => nameOf(name, 'blue'))
      assert.deepEqual(
        selected.map(({ metadata }) => metadata?.name),
        names,
      )
    }
  })

  it('take the release from nowhere else: another one changes the image and the version, and nothing more', () => {
    const other = { version: '3.0.0', source: `registry.example/openhcs@sha256:${'3'.repeat(64)}` }
    const replaced = JSON.stringify(objectsOf(production, 'blue', release))
      .replaceAll(release.source, other.source)
      .replaceAll('"2.0.0"', '"3.0.0"')
    assert.equal(replaced, JSON.stringify(objectsOf(production, 'blue', other)))
  })
})

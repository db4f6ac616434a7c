import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Thing } from '#infra/release/cluster/kubernetes.ts'
import { base, type Environment, environments } from './environment.ts'
import { partOf, parts, unreleased } from './files.ts'
import { schemaProblems } from './schema.ts'

const release = unreleased('1.0.0')
const all = [base, ...Object.values<Environment>(environments), { ...base, rooms: 'apart' as const }].flatMap(
  (environment) => parts.flatMap((part) => partOf(environment, part, release)),
)

/** The first of that kind, changed. */
function planted(kind: string, change: (object: Thing) => void): string[] {
  const object = structuredClone(all.find((one) => one.kind === kind)) as Thing
  change(object)
  return schemaProblems([object])
}

describe('schemas of Kubernetes objects', () => {
  it('accept every object of every environment', () => {
    assert.deepEqual(schemaProblems(all), [])
    assert.ok(all.length > 100)
  })

  it('refuse a field that nobody knows, however deep', () => {
    assert.deepEqual(
      planted('Deployment', ({ spec }) => {
        spec.template.spec.containers[0].readynessProbe = {}
      }),
      [
        "Deployment openhcs-blue: /spec/template/spec/containers/0 must NOT have additional properties 'readynessProbe'",
      ],
    )
    assert.equal(planted('TargetGroupBinding', ({ spec }) => Object.assign(spec, { targetGroupArn: 'x' })).length, 1)
    assert.equal(planted('NetworkPolicy', (object) => Object.assign(object.metadata ?? {}, { label: {} })).length, 1)
  })

  it('refuse a field that is missing, and one of another type', () => {
    assert.match(planted('Deployment', ({ spec }) => delete spec.selector)[0] ?? '', /required property 'selector'/)
    assert.match(planted('ExternalSecret', ({ spec }) => delete spec.target.name)[0] ?? '', /required property 'name'/)
    const wrong = planted('HorizontalPodAutoscaler', ({ spec }) => {
      spec.maxReplicas = '3'
    })
    assert.deepEqual(wrong, ['HorizontalPodAutoscaler openhcs-blue: /spec/maxReplicas must be number'])
    const amount = planted('CronJob', ({ spec }) => {
      spec.jobTemplate.spec.template.spec.containers[0].resources.limits.memory = '256MB'
    })
    assert.ok(amount.some((line) => line.includes('limits/memory')))
  })

  it('refuse a kind that nobody knows', () => {
    assert.deepEqual(
      planted('Deployment', (object) => {
        object.apiVersion = 'apps/v1beta1'
      }),
      ['Deployment openhcs-blue: nobody knows apps/v1beta1 Deployment'],
    )
  })
})

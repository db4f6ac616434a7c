import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Thing } from '#infra/release/cluster/kubernetes.ts'
import { base, type Environment, environments } from './environment.ts'
import { partOf, parts, unreleased } from './files.ts'
import { policyProblems, rules } from './policy.ts'

const release = unreleased('1.0.0')
const objectsIn = (environment: Environment) => parts.flatMap((part) => partOf(environment, part, release))

// biome-ignore lint/suspicious/noExplicitAny: violations are planted wherever they fit
type Any = any

/** For each rule, what breaks it in the pod, the container, or the object that has them. */
const violations: Record<string, (pod: Any, container: Any, object: Any, all: Thing[]) => void> = {
  'an image is given by its digest': (_, container) => Object.assign(container, { image: 'openhcs:latest' }),
  'it runs as somebody who is not root': (pod) => Object.assign(pod.securityContext, { runAsUser: 0 }),
  'it cannot get more rights': (_, { securityContext }) =>
    Object.assign(securityContext, { allowPrivilegeEscalation: true }),
  'it has no capability': (_, { securityContext }) => securityContext.capabilities.drop.pop(),
  'its root is read-only': (_, { securityContext }) => delete securityContext.readOnlyRootFilesystem,
  'its system calls are filtered': ({ securityContext }) => delete securityContext.seccompProfile,
  'it shares nothing of its node': (pod) => pod.volumes.push({ name: 'node', hostPath: { path: '/' } }),
  'it has no token of the cluster': (pod) => delete pod.automountServiceAccountToken,
  'it asks for and is limited in processor and memory': (_, { resources }) => delete resources.limits.memory,
  'it has a probe for start, readiness and life': (_, container) => delete container.startupProbe,
  'its life does not hang on the database': (_, container) =>
    Object.assign(container.livenessProbe.httpGet, { path: '/readyz' }),
  'it waits before it stops, and has no shell to do so': (_, { lifecycle }) =>
    Object.assign(lifecycle, { preStop: { exec: { command: ['sleep', '15'] } } }),
  'it has more time to stop than it may take': (pod) => Object.assign(pod, { terminationGracePeriodSeconds: 30 }),
  'its copies are spread over zones and nodes': (pod) => pod.topologySpreadConstraints.pop(),
  'an update takes no copy away before another is there': (_pod, _container, { spec }) =>
    Object.assign(spec.strategy.rollingUpdate, { maxUnavailable: 1 }),
  'more than one copy have a disruption budget': (_pod, _container, { metadata }, all) =>
    all.splice(
      all.findIndex((one) => one.kind === 'PodDisruptionBudget' && one.metadata?.name === metadata.name),
      1,
    ),
  'it says of which colour and version it is': (_pod, _container, { metadata }) =>
    delete metadata.labels['app.kubernetes.io/version'],
  'whoever answers people cannot alter a table': (_, container) =>
    container.envFrom.push({ secretRef: { name: 'openhcs' } }),
  'who is sent requests on believes those who send them': (_, container) =>
    container.env.splice(
      container.env.findIndex(({ name }: Any) => name === 'TRUST_PROXY'),
      1,
    ),
  'who goes through a pooler is let in by every migration': (_pod, _container, _object, all) => {
    const [migration] = all.find(({ kind }) => kind === 'Job')?.spec.template.spec.containers ?? []
    migration.env = migration.env.filter(({ name }: Any) => name !== 'DATABASE_POOLER_URL')
  },
  'no secret is written out': (_, container) =>
    container.env.push({ name: 'DATABASE_URL', value: 'postgresql://openhcs@database/openhcs' }),
  'what people upload outlives the pod, on a volume or in a bucket that it reaches': (_pod, _container, _object, all) =>
    drop(all, 'openhcs-bucket-keys'),
  'it comes to an end': (_pod, _container, { spec }) => delete spec.activeDeadlineSeconds,
  'nobody talks to it, and it to nobody, by default': (_pod, _container, _object, all) => drop(all, 'openhcs-deny'),
  'it may ask for names and reach the database': (_pod, _container, _object, all) => drop(all, 'openhcs-database'),
  'it may reach nothing else without saying where': (_pod, _container, _object, all) =>
    (all.find(({ metadata }) => metadata?.name === 'openhcs-names') as Thing).spec.egress.push({}),
}

const drop = (all: Thing[], name: string) =>
  all.splice(
    all.findIndex(({ metadata }) => metadata?.name === name),
    1,
  )

function planted(rule: string): string[] {
  const rooms = rule.includes('sent requests on') ? 'apart' : 'grouped'
  const all = structuredClone(objectsIn({ ...environments.production, rooms }))
  const kind = rule === 'it comes to an end' ? 'Job' : 'Deployment'
  const object = all.find((one) => one.kind === kind) as Thing
  const pod = object.spec.template.spec
  violations[rule]?.(pod, pod.containers[0], object, all)
  return policyProblems(all)
}

describe('policy of Kubernetes objects', () => {
  for (const environment of [base, ...Object.values<Environment>(environments)])
    it(`is kept in ${environment.name === 'base' ? 'the base' : environment.name}, grouped and apart`, () => {
      assert.deepEqual(policyProblems(objectsIn(environment)), [])
      assert.deepEqual(policyProblems(objectsIn({ ...environment, rooms: 'apart' })), [])
    })

  it('is kept before a pooler, whose port is let through and whose address is in the Secret or is not', () => {
    const all = objectsIn({ ...environments.production, databasePorts: [5_432, 6_432] })
    assert.deepEqual(policyProblems(all), [])
    const way = all.find(({ metadata }) => metadata?.name === 'openhcs-database')
    assert.deepEqual(
      way?.spec.egress[0].ports.map(({ port }: Any) => port),
      [5_432, 6_432],
    )
    const web = all.find(({ kind }) => kind === 'Deployment')
    const address = web?.spec.template.spec.containers[0].env.find(({ name }: Any) => name === 'DATABASE_POOLER_URL')
    assert.deepEqual(address?.valueFrom.secretKeyRef, { name: 'openhcs', key: 'DATABASE_POOLER_URL', optional: true })
  })

  it('has a planted violation for each rule', () => {
    assert.deepEqual(Object.keys(violations), Object.keys(rules))
  })

  for (const rule of Object.keys(rules))
    it(`sees when this is broken: ${rule}`, () => {
      const problems = planted(rule)
      assert.ok(problems.length > 0, 'nothing was seen')
      assert.deepEqual([...new Set(problems.map((line) => line.replace(/^[^:]*: /, '')))], [rule])
    })

  it('sees uploads that go with the pod, and a bucket beside a volume', () => {
    const lost = structuredClone(objectsIn(environments.production))
    delete (lost.find(({ kind }) => kind === 'ConfigMap') as Thing).data.S3_BUCKET
    assert.match(policyProblems(lost).join('\n'), /Deployment openhcs-blue: what people upload outlives the pod/)
    const both = structuredClone(objectsIn(environments.local))
    Object.assign((both.find(({ kind }) => kind === 'ConfigMap') as Thing).data, { S3_BUCKET: 'b' })
    assert.match(policyProblems(both).join('\n'), /Deployment openhcs-blue: what people upload outlives the pod/)
  })

  it('sees a namespace that does not enforce, an object without one, and a secret', () => {
    const problems = policyProblems([
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'openhcs' } },
      { apiVersion: 'v1', kind: 'Service', metadata: { name: 'openhcs' } },
      { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'openhcs', namespace: 'openhcs' } },
    ])
    assert.equal(problems.length, 3)
  })
})

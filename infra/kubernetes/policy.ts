import { isDeepStrictEqual } from 'node:util'
import type { Thing } from '#infra/release/cluster/kubernetes.ts'
import { COLOUR } from './labels.ts'

// What every object here has to be, whatever wrote it. A schema knows whether a field exists; this knows whether it is right.

// biome-ignore lint/suspicious/noExplicitAny: manifests are read as they are in YAML
type Any = any

interface Workload {
  name: string
  kind: string
  pod: Any
  labels: Record<string, string>
  object: Thing
}

/** A rule about one workload, with everything that it is applied beside; undefined when it is kept. */
type Rule = (workload: Workload, all: readonly Thing[]) => boolean

const containersOf = ({ pod }: Workload): Any[] => [...(pod.initContainers ?? []), ...(pod.containers ?? [])]
const each =
  (kept: (container: Any, workload: Workload) => boolean): Rule =>
  (workload) =>
    containersOf(workload).length > 0 && containersOf(workload).every((container) => kept(container, workload))
const serving =
  (rule: Rule): Rule =>
  (workload, all) =>
    workload.kind !== 'Deployment' || rule(workload, all)
const task =
  (rule: Rule): Rule =>
  (workload, all) =>
    workload.kind === 'Deployment' || rule(workload, all)
const is = (value: unknown, wanted: unknown) => isDeepStrictEqual(value, wanted)
const secretKeys = (container: Any): string[] =>
  (container.env ?? []).flatMap((one: Any) => one.valueFrom?.secretKeyRef?.key ?? [])

const goesThroughPooler = (container: Any): boolean => secretKeys(container).includes('DATABASE_POOLER_URL')

const valueIn = (env: Any[], name: string): string | undefined => env.find((one) => one.name === name)?.value

const settingOf = (all: readonly Thing[], name: string): string | undefined =>
  all.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata?.name === 'openhcs')?.data?.[name]

/** The rules, by what is said when one is broken. */
export const rules: Record<string, Rule> = {
  'an image is given by its digest': each(({ image }) => /^[a-z0-9][a-z0-9./:_-]*@sha256:[0-9a-f]{64}$/.test(image)),
  'it runs as somebody who is not root': each(
    ({ securityContext: own }, { pod }) =>
      (own?.runAsNonRoot ?? pod.securityContext?.runAsNonRoot) === true &&
      (own?.runAsUser ?? pod.securityContext?.runAsUser ?? 0) > 0,
  ),
  'it cannot get more rights': each(
    ({ securityContext: own }) => own?.allowPrivilegeEscalation === false && !own.privileged,
  ),
  'it has no capability': each(({ securityContext: own }) => is(own?.capabilities, { drop: ['ALL'] })),
  'its root is read-only': each(({ securityContext: own }) => own?.readOnlyRootFilesystem === true),
  'its system calls are filtered': ({ pod }) => pod.securityContext?.seccompProfile?.type === 'RuntimeDefault',
  'it shares nothing of its node': ({ pod }) =>
    !pod.hostNetwork && !pod.hostPID && !pod.hostIPC && !(pod.volumes ?? []).some((one: Any) => one.hostPath),
  'it has no token of the cluster': ({ pod }) =>
    pod.automountServiceAccountToken === false && !['', undefined, 'default'].includes(pod.serviceAccountName),
  'it asks for and is limited in processor and memory': each(({ resources }) =>
    ['requests', 'limits'].every((kind) => resources?.[kind]?.cpu && resources[kind].memory),
  ),
  'it has a probe for start, readiness and life': serving(
    each(({ startupProbe, readinessProbe, livenessProbe }) =>
      [startupProbe, readinessProbe, livenessProbe].every((probe) => probe?.httpGet?.path),
    ),
  ),
  'its life does not hang on the database': serving(
    each(({ livenessProbe }) => livenessProbe?.httpGet?.path === '/livez'),
  ),
  'it waits before it stops, and has no shell to do so': serving(
    each(({ lifecycle }) => lifecycle?.preStop?.sleep?.seconds > 0),
  ),
  'it has more time to stop than it may take': serving((workload, all) =>
    containersOf(workload).every(
      ({ lifecycle }) =>
        workload.pod.terminationGracePeriodSeconds >
        (lifecycle?.preStop?.sleep?.seconds ?? 0) + Number(settingOf(all, 'SHUTDOWN_SECONDS') ?? 20),
    ),
  ),
  'its copies are spread over zones and nodes': serving(({ pod, object: { spec } }) =>
    ['topology.kubernetes.io/zone', 'kubernetes.io/hostname'].every((key) =>
      (pod.topologySpreadConstraints ?? []).some(
        (one: Any) => one.topologyKey === key && is(one.labelSelector?.matchLabels, spec.selector?.matchLabels),
      ),
    ),
  ),
  'an update takes no copy away before another is there': serving(
    ({ object: { spec } }) => spec.strategy?.rollingUpdate?.maxUnavailable === 0,
  ),
  'more than one copy have a disruption budget': serving(
    ({ object: { spec } }, all) => spec.replicas <= 1 || budgetsOf(all, spec.selector?.matchLabels).length === 1,
  ),
  'it says of which colour and version it is': serving(
    ({ labels, object: { metadata, spec } }) =>
      [labels, metadata?.labels ?? {}].every((one) => one[COLOUR] && one['app.kubernetes.io/version']) &&
      spec.selector?.matchLabels?.[COLOUR] === labels[COLOUR] &&
      !spec.selector.matchLabels['app.kubernetes.io/version'],
  ),
  'whoever answers people cannot alter a table': serving(
    each((container) => !secretKeys(container).some((key) => key.endsWith('OWNER_URL')) && !allSecrets(container)),
  ),
  'who is sent requests on believes those who send them': serving(
    each(({ env = [] }) => !valueIn(env, 'OPENHCS_REMOTES') || valueIn(env, 'TRUST_PROXY') !== undefined),
  ),
  'who goes through a pooler is let in by every migration': serving(
    (workload, all) =>
      !containersOf(workload).some(goesThroughPooler) ||
      all
        .flatMap(workloadOf)
        .filter(({ kind }) => kind === 'Job')
        .every((job) => containersOf(job).every(goesThroughPooler)),
  ),
  'no secret is written out': each((container) =>
    (container.env ?? []).every(({ name, value }: Any) => !value || !/_URL$|SECRET|TOKEN|PASSWORD|_KEY$/.test(name)),
  ),
  'what people upload outlives the pod, on a volume or in a bucket that it reaches': serving(
    ({ pod, labels }, all) =>
      (pod.volumes ?? []).some((one: Any) => one.persistentVolumeClaim) !== Boolean(settingOf(all, 'S3_BUCKET')) &&
      (!settingOf(all, 'S3_BUCKET') ||
        [443, 80].every((port) => outwards(all, labels).some((rule) => portsOf(rule).includes(port)))),
  ),
  'it comes to an end': task(({ object }) => {
    const spec = object.kind === 'CronJob' ? object.spec.jobTemplate.spec : object.spec
    return spec.activeDeadlineSeconds > 0 && spec.backoffLimit === 0 && spec.template.spec.restartPolicy === 'Never'
  }),
  'nobody talks to it, and it to nobody, by default': ({ labels }, all) =>
    ['Ingress', 'Egress'].every((type) =>
      policiesFor(all, labels).some(
        ({ spec }) => spec.policyTypes?.includes(type) && !spec[type.toLowerCase()]?.length,
      ),
    ),
  'it may ask for names and reach the database': ({ labels }, all) =>
    [53, 5_432].every((port) => outwards(all, labels).some((rule) => portsOf(rule).includes(port))),
  'it may reach nothing else without saying where': ({ labels }, all) =>
    outwards(all, labels).every((rule) => rule.to?.length > 0 && portsOf(rule).length > 0 && !toMetadata(rule)),
}

const allSecrets = (container: Any): boolean => (container.envFrom ?? []).some((one: Any) => one.secretRef)

const budgetsOf = (all: readonly Thing[], labels: Any) =>
  all.filter(({ kind, spec }) => kind === 'PodDisruptionBudget' && is(spec.selector?.matchLabels, labels))

function selects({ matchLabels = {}, matchExpressions = [] }: Any, labels: Record<string, string>): boolean {
  const holds = ({ key, operator, values }: Any) => values.includes(labels[key]) === (operator === 'In')
  return Object.entries(matchLabels).every(([name, value]) => labels[name] === value) && matchExpressions.every(holds)
}

const policiesFor = (all: readonly Thing[], labels: Record<string, string>) =>
  all.filter(({ kind, spec }) => kind === 'NetworkPolicy' && selects(spec.podSelector, labels))

const outwards = (all: readonly Thing[], labels: Record<string, string>): Any[] =>
  policiesFor(all, labels).flatMap(({ spec }) => spec.egress ?? [])

const portsOf = (rule: Any): number[] => (rule.ports ?? []).map(({ port }: Any) => port)

/** Clouds give a machine's credentials to whoever asks this address. */
const toMetadata = (rule: Any): boolean =>
  rule.to.some(({ ipBlock }: Any) => ipBlock?.cidr === '0.0.0.0/0' && !ipBlock.except?.includes('169.254.0.0/16'))

function workloadOf(object: Thing): Workload[] {
  const name = `${object.kind} ${object.metadata?.name}`
  const template = object.kind === 'CronJob' ? object.spec.jobTemplate.spec.template : object.spec?.template
  if (!template) return []
  return [{ name, kind: object.kind ?? '', pod: template.spec, labels: template.metadata?.labels ?? {}, object }]
}

/** What is wrong with what is applied together to one namespace. */
export function policyProblems(all: readonly Thing[]): string[] {
  return [
    ...all.flatMap(workloadOf).flatMap((workload) =>
      Object.entries(rules)
        .filter(([, kept]) => !kept(workload, all))
        .map(([rule]) => `${workload.name}: ${rule}`),
    ),
    ...all.flatMap(namespaceProblems),
  ]
}

function namespaceProblems({ kind, metadata }: Thing): string[] {
  if (kind === 'Namespace')
    return metadata?.labels?.['pod-security.kubernetes.io/enforce'] === 'restricted'
      ? []
      : [`Namespace ${metadata?.name}: it enforces the restricted profile`]
  if (kind === 'Secret') return [`Secret ${metadata?.name}: secrets are referred to, never written`]
  return metadata?.namespace ? [] : [`${kind} ${metadata?.name}: it says in which namespace it is`]
}

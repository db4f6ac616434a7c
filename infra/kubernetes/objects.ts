import { k8s } from 'cdk8s-plus-33'
import type { Thing } from '#infra/release/cluster/kubernetes.ts'
import type { Colour, Release } from '#infra/release/platform.ts'
import { list } from '#platform/config.ts'
import { everything } from '#services.ts'
import type { Environment } from './environment.ts'
import { ANSWERS, labelsOf, selectorOf } from './labels.ts'
import { BUCKET, PORT, PROVIDERS, podTemplate } from './pod.ts'

// What a release consists of, as plain objects: for the YAML beside this, and for the driver that releases.

/** Everything of one colour. */
export function objectsOf(environment: Environment, colour: Colour, release: Release): Thing[] {
  const { rooms, namespace } = environment
  const apart = everything.map(({ name }) => name)
  return [
    ...(rooms === 'grouped' ? ['web'] : apart).flatMap((part) => webOf(environment, colour, release, part)),
    ...doorOf(environment, colour, release),
    ...workerOf(environment, colour, release),
  ].map((object) => ({ ...object, metadata: { ...object.metadata, namespace } }) as Thing)
}

/** All rooms in one: `openhcs-blue`; a room by itself: `openhcs-registry-blue`. */
export const nameOf = (component: string, colour: Colour) =>
  component === 'web' ? `openhcs-${colour}` : `openhcs-${component.replaceAll('_', '-')}-${colour}`

function webOf(environment: Environment, colour: Colour, release: Release, component: string): Thing[] {
  const name = nameOf(component, colour)
  const metadata = { name, labels: labelsOf(component, release, colour) }
  const grouped = component === 'web'
  const { minimum, maximum } = environment.web
  const template = podTemplate({
    release,
    labels: grouped ? metadata.labels : { ...metadata.labels, ...ANSWERS },
    selector: selectorOf(component, colour),
    args: ['start'],
    secrets: [
      'DATABASE_URL',
      'DATABASE_READER_URL',
      'DATABASE_POOLER_URL',
      'JOBS_DATABASE_URL',
      'OPENHCS_SECRET_KEY',
      ...BUCKET,
      // One-time codes are sent at once, by who is asked for them; what providers tell us comes to whoever serves.
      ...PROVIDERS,
      'METRICS_TOKEN',
    ],
    settings: { OPENHCS_WORKER: 'false', ...(!grouped && settingsOf(environment, component, colour)) },
    serves: true,
    volume: environment.files !== undefined,
    memoryMi: 384,
  })
  return [
    deployment(component, colour, release, minimum, template),
    ...(grouped ? [] : [service(metadata, selectorOf(component, colour))]),
    autoscaler(metadata, minimum, maximum),
    ...(minimum > 1 ? [disruptionBudget(metadata, selectorOf(component, colour))] : []),
  ]
}

/** What the balancer sends people to: every pod of the colour that answers them, whichever rooms it has. */
function doorOf(environment: Environment, colour: Colour, release: Release): Thing[] {
  const metadata = { name: nameOf('web', colour), labels: labelsOf('web', release, colour) }
  const { 'app.kubernetes.io/component': _, ...all } = selectorOf('web', colour)
  const selector = environment.rooms === 'grouped' ? selectorOf('web', colour) : { ...all, ...ANSWERS }
  return [service(metadata, selector), ...targetGroupBinding(environment, metadata, colour)]
}

const service = (metadata: Metadata, selector: Record<string, string>): Thing =>
  k8s.KubeService.manifest({
    metadata,
    spec: {
      type: 'ClusterIP',
      selector,
      ports: [{ name: 'http', port: PORT, targetPort: k8s.IntOrString.fromString('http'), protocol: 'TCP' }],
    },
  })

/** The others send requests on to it: what they say of their clients is believed as it is of the balancer. */
const settingsOf = ({ settings, podRanges }: Environment, component: string, colour: Colour) => ({
  OPENHCS_SERVICES: component,
  OPENHCS_REMOTES: remotesOf(component, colour),
  TRUST_PROXY: [...new Set([...list(settings.TRUST_PROXY ?? ''), ...podRanges])].join(),
})

/** Works for every room, so that it needs no remotes. */
function workerOf(environment: Environment, colour: Colour, release: Release): Thing[] {
  const metadata = { name: nameOf('worker', colour), labels: labelsOf('worker', release, colour) }
  const { minimum, maximum } = environment.worker
  const template = podTemplate({
    release,
    labels: metadata.labels,
    selector: selectorOf('worker', colour),
    args: ['start'],
    secrets: [
      'DATABASE_URL',
      'JOBS_DATABASE_URL',
      'DATABASE_POOLER_URL',
      'OPENHCS_SECRET_KEY',
      ...BUCKET,
      ...PROVIDERS,
      'METRICS_TOKEN',
    ],
    settings: { OPENHCS_WORKER: 'true' },
    serves: true,
    volume: environment.files !== undefined,
    memoryMi: 384,
  })
  return [
    deployment('worker', colour, release, minimum, template),
    ...(maximum > minimum ? [autoscaler(metadata, minimum, maximum)] : []),
    ...(minimum > 1 ? [disruptionBudget(metadata, selectorOf('worker', colour))] : []),
  ]
}

const remotesOf = (component: string, colour: Colour) =>
  everything
    .filter(({ name }) => name !== component)
    .map(({ name }) => `${name}=http://${nameOf(name, colour)}:${PORT}`)
    .join()

/** Its number of copies is where the autoscaler starts. Without it, a colour that was drained to none would come back with none. */
const deployment = (
  component: string,
  colour: Colour,
  release: Release,
  replicas: number,
  template: k8s.PodTemplateSpec,
): Thing =>
  k8s.KubeDeployment.manifest({
    metadata: { name: nameOf(component, colour), labels: labelsOf(component, release, colour) },
    spec: {
      replicas,
      revisionHistoryLimit: 3,
      minReadySeconds: 5,
      progressDeadlineSeconds: 300,
      strategy: {
        type: 'RollingUpdate',
        rollingUpdate: { maxSurge: k8s.IntOrString.fromNumber(1), maxUnavailable: k8s.IntOrString.fromNumber(0) },
      },
      selector: { matchLabels: selectorOf(component, colour) },
      template,
    },
  })

type Metadata = { name: string; labels: Record<string, string> }

/** Grows at once, by half or two pods; shrinks by one pod a minute, after five minutes of calm. */
const autoscaler = (metadata: Metadata, minReplicas: number, maxReplicas: number): Thing =>
  k8s.KubeHorizontalPodAutoscalerV2.manifest({
    metadata,
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: metadata.name },
      minReplicas,
      maxReplicas,
      metrics: [
        { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 70 } } },
      ],
      behavior: {
        scaleUp: {
          stabilizationWindowSeconds: 0,
          selectPolicy: 'Max',
          policies: [
            { type: 'Percent', value: 50, periodSeconds: 30 },
            { type: 'Pods', value: 2, periodSeconds: 30 },
          ],
        },
        scaleDown: { stabilizationWindowSeconds: 300, policies: [{ type: 'Pods', value: 1, periodSeconds: 60 }] },
      },
    },
  })

const disruptionBudget = (metadata: Metadata, matchLabels: Record<string, string>): Thing =>
  k8s.KubePodDisruptionBudget.manifest({
    metadata,
    spec: {
      maxUnavailable: k8s.IntOrString.fromNumber(1),
      unhealthyPodEvictionPolicy: 'AlwaysAllow',
      selector: { matchLabels },
    },
  })

/** Joins the pods of the Service to the target group of the colour, which the AWS Load Balancer Controller does. */
function targetGroupBinding({ targetGroups }: Environment, metadata: Metadata, colour: Colour): Thing[] {
  if (!targetGroups) return []
  return [
    {
      apiVersion: 'elbv2.k8s.aws/v1beta1',
      kind: 'TargetGroupBinding',
      metadata,
      spec: {
        serviceRef: { name: metadata.name, port: PORT },
        targetGroupARN: targetGroups[colour],
        targetType: 'ip',
      },
    },
  ]
}

const MIGRATION_SECONDS = 1_800

/** A migration either runs to its end or is rolled back by the database: trying again by itself would hide why it did not. */
export function jobOf({ namespace }: Environment, release: Release, stage: 'expand' | 'contract'): Thing {
  const labels = labelsOf('migrate', release)
  return k8s.KubeJob.manifest({
    metadata: { name: `openhcs-migrate-${stage}`, namespace, labels },
    spec: {
      activeDeadlineSeconds: MIGRATION_SECONDS,
      backoffLimit: 0,
      ttlSecondsAfterFinished: 86_400,
      template: podTemplate({
        release,
        labels,
        args: ['migrate', stage],
        secrets: [
          'DATABASE_URL',
          'DATABASE_OWNER_URL',
          'DATABASE_POOLER_URL',
          'JOBS_DATABASE_URL',
          'JOBS_DATABASE_OWNER_URL',
          'OPENHCS_SECRET_KEY',
          ...BUCKET,
        ],
        serves: false,
        volume: false,
        memoryMi: 256,
      }),
    },
  })
}

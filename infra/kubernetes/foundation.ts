import { k8s } from 'cdk8s-plus-33'
import type { Thing } from '#infra/release/cluster/kubernetes.ts'
import type { Release } from '#infra/release/platform.ts'
import type { Environment } from './environment.ts'
import { labelsOf } from './labels.ts'
import { networkPolicies } from './network.ts'
import { BUCKET, podTemplate, SHUTDOWN_SECONDS } from './pod.ts'

/** What both colours share, and what no release takes away. */
export function foundationOf(environment: Environment, release: Release): Thing[] {
  const { namespace } = environment
  const inside = [
    serviceAccount(),
    settings(environment),
    ...secrets(environment),
    ...files(environment),
    auditCheck(release),
    ...networkPolicies(environment),
  ]
  return [
    theNamespace(namespace),
    ...inside.map((object) => ({ ...object, metadata: { ...object.metadata, namespace } })),
  ]
}

const labels = { 'app.kubernetes.io/name': 'openhcs', 'app.kubernetes.io/part-of': 'openhcs' }
const metadata = { name: 'openhcs', labels }

/** The cluster itself refuses a pod that asks for more than the strictest profile gives. */
const theNamespace = (name: string): Thing =>
  k8s.KubeNamespace.manifest({
    metadata: {
      name,
      labels: {
        ...labels,
        ...Object.fromEntries(
          ['enforce', 'audit', 'warn'].map((mode) => [`pod-security.kubernetes.io/${mode}`, 'restricted']),
        ),
        'pod-security.kubernetes.io/enforce-version': 'latest',
      },
    },
  })

const serviceAccount = (): Thing => k8s.KubeServiceAccount.manifest({ metadata, automountServiceAccountToken: false })

const settings = ({ settings: own }: Environment): Thing =>
  k8s.KubeConfigMap.manifest({
    metadata,
    data: {
      // Migrations are a Job's, with the rights of the owner.
      OPENHCS_MIGRATE: 'false',
      OPENHCS_DEMO: 'false',
      SHUTDOWN_SECONDS: String(SHUTDOWN_SECONDS),
      ...own,
    },
  })

/** External Secrets makes the Secret `openhcs` of what the cloud's store has, and keeps it like that. */
function secrets({ name, secretsRegion }: Environment): Thing[] {
  if (!secretsRegion) return []
  const apiVersion = 'external-secrets.io/v1'
  return [
    {
      apiVersion,
      kind: 'SecretStore',
      metadata,
      spec: { provider: { aws: { service: 'SecretsManager', region: secretsRegion } } },
    },
    {
      apiVersion,
      kind: 'ExternalSecret',
      metadata,
      spec: {
        refreshInterval: '1h',
        secretStoreRef: { kind: 'SecretStore', name: metadata.name },
        target: { name: 'openhcs', creationPolicy: 'Owner', deletionPolicy: 'Retain' },
        dataFrom: [{ extract: { key: `openhcs/${name}` } }],
      },
    },
  ]
}

function files({ files: volume }: Environment): Thing[] {
  if (!volume) return []
  const { storageClass, size } = volume
  const spec = {
    accessModes: ['ReadWriteMany'],
    ...(storageClass && { storageClassName: storageClass }),
    resources: { requests: { storage: k8s.Quantity.fromString(size) } },
  }
  return [k8s.KubePersistentVolumeClaim.manifest({ metadata: { ...metadata, name: 'openhcs-files' }, spec })]
}

/** At night, since it reads every row. Its failure is an alert: somebody altered what must not be altered. */
function auditCheck(release: Release): Thing {
  const own = labelsOf('audit', release)
  return k8s.KubeCronJob.manifest({
    metadata: { name: 'openhcs-audit', labels: own },
    spec: {
      schedule: '17 2 * * *',
      timeZone: 'Etc/UTC',
      concurrencyPolicy: 'Forbid',
      startingDeadlineSeconds: 3_600,
      successfulJobsHistoryLimit: 3,
      failedJobsHistoryLimit: 7,
      jobTemplate: {
        metadata: { labels: own },
        spec: {
          activeDeadlineSeconds: 7_200,
          backoffLimit: 0,
          template: podTemplate({
            release,
            labels: own,
            args: ['audit', 'verify'],
            secrets: ['DATABASE_URL', 'DATABASE_OWNER_URL', 'OPENHCS_SECRET_KEY', ...BUCKET],
            serves: false,
            volume: false,
            memoryMi: 256,
          }),
        },
      },
    },
  })
}

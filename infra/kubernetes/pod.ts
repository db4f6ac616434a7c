import { k8s } from 'cdk8s-plus-33'
import type { Release } from '#infra/release/platform.ts'
import type { Labels } from './labels.ts'

// The pod, as every Deployment, Job and CronJob here has it: no root, nothing to write to but two mounts, no token, no capability.

const NONROOT = 65_532
export const PORT = 8_080
/** The load balancer goes on sending to a pod for this long after it was told not to. */
const LEAVE_SECONDS = 15
/** SHUTDOWN_SECONDS; the house ends by itself within it. */
export const SHUTDOWN_SECONDS = 20
const SPARE_SECONDS = 10
const HOME = '/var/lib/openhcs'

/** Of a bucket that is not reached by a role. Every pod is told of the bucket, so every pod needs them. */
export const BUCKET = ['S3_ACCESS_KEY_ID', 'S3_SECRET_ACCESS_KEY'] as const

/** Of those who carry messages. */
export const PROVIDERS = ['SMTP_URL', 'SMS_GATEWAY_TOKEN', 'SMS_PROVIDERS'] as const

type SecretName =
  | 'DATABASE_URL'
  | 'DATABASE_OWNER_URL'
  | 'DATABASE_READER_URL'
  | 'JOBS_DATABASE_URL'
  | 'JOBS_DATABASE_OWNER_URL'
  | 'DATABASE_POOLER_URL'
  | 'OPENHCS_SECRET_KEY'
  | 'S3_ACCESS_KEY_ID'
  | 'S3_SECRET_ACCESS_KEY'
  | 'SMTP_URL'
  | 'SMS_GATEWAY_TOKEN'
  | 'SMS_PROVIDERS'
  | 'METRICS_TOKEN'

export interface PodOptions {
  release: Release
  labels: Labels
  /** What identifies this pod's siblings, to be spread from. Undefined: it has none. */
  selector?: Labels
  args: string[]
  /** Just what it needs: a pod that answers people has no way to alter a table. */
  secrets: readonly SecretName[]
  settings?: Readonly<Record<string, string>>
  /** Answers HTTP, until it is told to stop. */
  serves: boolean
  /** Mounts the volume of uploads. */
  volume: boolean
  memoryMi: number
}

export function podTemplate(options: PodOptions): k8s.PodTemplateSpec {
  const { labels, selector, serves, volume } = options
  return {
    metadata: { labels },
    spec: {
      serviceAccountName: 'openhcs',
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      terminationGracePeriodSeconds: serves ? LEAVE_SECONDS + SHUTDOWN_SECONDS + SPARE_SECONDS : 30,
      ...(!serves && { restartPolicy: 'Never' }),
      securityContext: {
        runAsNonRoot: true,
        runAsUser: NONROOT,
        runAsGroup: NONROOT,
        fsGroup: NONROOT,
        fsGroupChangePolicy: 'OnRootMismatch',
        seccompProfile: { type: 'RuntimeDefault' },
      },
      ...(selector && {
        topologySpreadConstraints: ['topology.kubernetes.io/zone', 'kubernetes.io/hostname'].map((topologyKey) => ({
          maxSkew: 1,
          topologyKey,
          whenUnsatisfiable: 'ScheduleAnyway',
          labelSelector: { matchLabels: selector },
          matchLabelKeys: ['pod-template-hash'],
        })),
      }),
      containers: [container(options)],
      volumes: [
        { name: 'openhcs-home', emptyDir: { sizeLimit: k8s.Quantity.fromString('64Mi') } },
        ...(volume ? [{ name: 'openhcs-files', persistentVolumeClaim: { claimName: 'openhcs-files' } }] : []),
      ],
    },
  }
}

function container({ release, args, secrets, settings = {}, serves, volume, memoryMi }: PodOptions): k8s.Container {
  return {
    name: 'openhcs',
    image: release.source,
    imagePullPolicy: 'IfNotPresent',
    args,
    env: [...Object.entries(settings).map(([name, value]) => ({ name, value })), ...secrets.map(fromSecret)],
    envFrom: [{ configMapRef: { name: 'openhcs' } }],
    resources: {
      requests: { cpu: k8s.Quantity.fromString(serves ? '500m' : '100m'), memory: mebibytes(memoryMi) },
      // Memory is what it may have; of the processor it may take what nobody else needs, up to two cores: its passwords are hashed beside its requests.
      limits: { cpu: k8s.Quantity.fromString('2'), memory: mebibytes(memoryMi) },
    },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      runAsNonRoot: true,
      capabilities: { drop: ['ALL'] },
    },
    ...(serves && {
      ports: [{ name: 'http', containerPort: PORT, protocol: 'TCP' }],
      ...probes(),
      // The image has no shell to sleep in.
      lifecycle: { preStop: { sleep: { seconds: LEAVE_SECONDS } } },
    }),
    volumeMounts: [
      { name: 'openhcs-home', mountPath: HOME },
      ...(volume ? [{ name: 'openhcs-files', mountPath: `${HOME}/files` }] : []),
    ],
  }
}

function probes(): Pick<k8s.Container, 'startupProbe' | 'readinessProbe' | 'livenessProbe'> {
  const get = (path: string) => ({ httpGet: { path, port: k8s.IntOrString.fromString('http') } })
  return {
    startupProbe: { ...get('/livez'), periodSeconds: 2, timeoutSeconds: 2, failureThreshold: 30 },
    readinessProbe: { ...get('/readyz'), periodSeconds: 5, timeoutSeconds: 3, failureThreshold: 2 },
    // Says nothing of the database: a restart would not bring that back.
    livenessProbe: { ...get('/livez'), periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 6 },
  }
}

/**
 * May be missing: the house then says so, or answers nobody. Uploads are then on the volume, or in a bucket that is reached by a role, and the job engine
 * is in the house's database. Without a reader the primary answers all; without a pooler rooms connect themselves.
 */
const OPTIONAL: readonly SecretName[] = [
  'DATABASE_READER_URL',
  'DATABASE_POOLER_URL',
  'JOBS_DATABASE_URL',
  'JOBS_DATABASE_OWNER_URL',
  'S3_ACCESS_KEY_ID',
  'S3_SECRET_ACCESS_KEY',
  'SMTP_URL',
  'SMS_GATEWAY_TOKEN',
  'SMS_PROVIDERS',
  'METRICS_TOKEN',
]

const fromSecret = (name: SecretName): k8s.EnvVar => ({
  name,
  valueFrom: { secretKeyRef: { name: 'openhcs', key: name, ...(OPTIONAL.includes(name) && { optional: true }) } },
})

const mebibytes = (amount: number) => k8s.Quantity.fromString(`${amount}Mi`)

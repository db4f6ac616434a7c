import type { EnvironmentConfig } from '#infra/aws/config.ts'
import { production } from '#infra/aws/production.ts'
import { staging } from '#infra/aws/staging.ts'
import type { Colour } from '#infra/release/platform.ts'

// What differs between places. Everything else is the same everywhere, and is in objects.ts and foundation.ts.

export interface Environment {
  name: string
  namespace: string
  /** All rooms in each pod, or a Deployment for each room. */
  rooms: 'grouped' | 'apart'
  /** Pods that answer people, of a colour or, with rooms apart, of a room of a colour. The autoscaler moves between the two. */
  web: Copies
  /** Pods that work through jobs and deliver events, of a colour. */
  worker: Copies
  /** Of the load balancer, for each colour. Empty: whoever runs the cluster puts a balancer of their own before the Services. */
  targetGroups: Record<Colour, string> | undefined
  /** Where connections to the pods come from: the subnets of the load balancer. */
  balancerRanges: readonly string[]
  /** Where pods have their addresses: with rooms apart they send requests on to each other, and say whose they are. */
  podRanges: readonly string[]
  /** Where PostgreSQL is, with its readers: the subnets of the database. */
  databaseRanges: readonly string[]
  /** Where it listens there, and a pooler before it. */
  databasePorts: readonly number[]
  /** Of the AWS Secrets Manager that keeps `openhcs/<name>`. Undefined: somebody makes the Secret `openhcs` by other means. */
  secretsRegion: string | undefined
  /** The volume of uploads; every pod mounts it, so its class must offer ReadWriteMany. Undefined: they are in the bucket that S3_BUCKET names. */
  files: { storageClass: string | undefined; size: string } | undefined
  /** Where that bucket is reached, on 443. */
  bucketRanges: readonly string[]
  /** Settings that are no secret, by their names in docs/configuration.md. */
  settings: Readonly<Record<string, string>>
}

/** All of the internet, without the addresses that are not in it. */
export const ANYWHERE = '0.0.0.0/0'

interface Copies {
  minimum: number
  maximum: number
}

const targetGroup = (region: string, environment: string, colour: Colour) =>
  `arn:aws:elasticloadbalancing:${region}:000000000000:targetgroup/openhcs-${environment}-${colour}/0000000000000000`

/** As infra/aws lays out its network. The target groups have an account's number in their names: the release driver puts in the real ones. */
const aws = ({ environment, region, network, domain, files }: EnvironmentConfig) => ({
  name: environment,
  targetGroups: {
    blue: targetGroup(region, environment, 'blue'),
    green: targetGroup(region, environment, 'green'),
  },
  secretsRegion: region,
  balancerRanges: [network.cidr],
  podRanges: [network.cidr],
  databaseRanges: [network.cidr],
  files: undefined,
  // Its endpoint in the VPC is a way to S3's public addresses, which change: ip-ranges.amazonaws.com has those of a region, for who wants it narrower.
  bucketRanges: [ANYWHERE],
  settings: {
    PUBLIC_URL: `https://${domain.name}`,
    TRUST_PROXY: network.cidr,
    OPENHCS_STAGING: String(environment !== 'production'),
    S3_BUCKET: files.bucket,
    S3_REGION: region,
  },
})

const common = {
  namespace: 'openhcs',
  rooms: 'grouped',
  balancerRanges: ['10.0.0.0/16'],
  podRanges: ['10.0.0.0/8'],
  databaseRanges: ['10.0.0.0/16'],
  databasePorts: [5_432],
  bucketRanges: [],
  targetGroups: undefined,
  secretsRegion: undefined,
} as const

export const environments = {
  local: {
    ...common,
    name: 'local',
    web: { minimum: 1, maximum: 2 },
    worker: { minimum: 1, maximum: 1 },
    balancerRanges: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'],
    databaseRanges: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'],
    files: { storageClass: undefined, size: '1Gi' },
    settings: { PUBLIC_URL: 'http://localhost:8080', LOG_LEVEL: 'debug' },
  },
  staging: {
    ...common,
    ...aws(staging),
    web: { minimum: 2, maximum: 4 },
    worker: { minimum: 1, maximum: 2 },
  },
  production: {
    ...common,
    ...aws(production),
    web: { minimum: 3, maximum: 12 },
    worker: { minimum: 2, maximum: 6 },
  },
} satisfies Record<string, Environment>

/** What the base is written of; an overlay says how its environment differs from this. */
export const base: Environment = {
  ...common,
  ...aws(staging),
  name: 'base',
  web: { minimum: 2, maximum: 6 },
  worker: { minimum: 1, maximum: 2 },
  files: { storageClass: undefined, size: '20Gi' },
  bucketRanges: [],
  settings: { PUBLIC_URL: 'https://openhcs.invalid' },
}

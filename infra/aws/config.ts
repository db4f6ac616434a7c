import { type Static, Type } from 'typebox'
import { Settings } from 'typebox/system'
import { Value } from 'typebox/value'

// What an environment may decide. The values are in staging.ts and production.ts; everything else is the same for both.

const Days = (description: string) => Type.Enum([7, 14, 30, 60, 90, 180, 365, 400, 731, 2192] as const, { description }) // what CloudWatch Logs takes

const Network = Type.Object(
  {
    cidr: Type.String({ pattern: '^10\\.\\d{1,3}\\.0\\.0/16$', description: 'Addresses of the VPC' }),
    natPerZone: Type.Boolean({ description: 'A NAT gateway in each zone (a lost zone takes no other along), or one' }),
    endpoints: Type.Array(Type.String({ pattern: '^[a-z0-9.-]+$' }), {
      uniqueItems: true,
      description: 'AWS services that are reached without leaving the VPC, by the name of their interface endpoint',
    }),
  },
  { additionalProperties: false },
)

const Domain = Type.Object(
  {
    name: Type.String({ pattern: '^[a-z0-9-]+(\\.[a-z0-9-]+)+$', description: 'Where people reach the API' }),
    zone: Type.String({ pattern: '^[a-z0-9-]+(\\.[a-z0-9-]+)+$', description: 'The hosted zone that holds it' }),
    zoneId: Type.String({ pattern: '^Z[A-Z0-9]{8,31}$', description: 'Its identifier in Route 53' }),
    tls: Type.Enum(['1.3', '1.2 and 1.3'], {
      description: 'What clients must speak; 1.2 lets phones of before 2019 in',
    }),
  },
  { additionalProperties: false },
)

const Cluster = Type.Object(
  {
    instanceType: Type.String({ pattern: '^[a-z0-9-]+\\.[a-z0-9]+$', description: 'x86-64, as the image is' }),
    nodes: Type.Object(
      { min: Type.Integer({ minimum: 1 }), max: Type.Integer({ minimum: 1 }) },
      { additionalProperties: false, description: 'At least and at most; between them the autoscaler decides' },
    ),
    diskGigabytes: Type.Integer({ minimum: 20, maximum: 1000 }),
    administrators: Type.Array(Type.String({ pattern: '^[\\w+=,.@/-]+$' }), {
      minItems: 1,
      uniqueItems: true,
      description: 'IAM roles of this account, by name with path, that administer the cluster',
    }),
  },
  { additionalProperties: false },
)

const Database = Type.Object(
  {
    instanceType: Type.String({ pattern: '^[a-z0-9]+\\.[a-z0-9]+$', description: 'Without db. in front' }),
    readers: Type.Integer({ minimum: 1, maximum: 15, description: 'Besides the writer, each in another zone' }),
    insights: Type.Enum(['standard', 'advanced'], { description: 'Database Insights: 7 days, or 15 months' }),
    maxConnections: Type.Integer({ minimum: 100, maximum: 10_000 }),
    proxy: Type.Boolean({ description: 'RDS Proxy before the writer, for the rooms: DATABASE_POOLER_URL' }),
  },
  { additionalProperties: false },
)

const JobsDatabase = Type.Object(
  {
    instanceType: Type.String({ pattern: '^[a-z0-9]+\\.[a-z0-9]+$', description: 'Without db. in front' }),
    readers: Type.Integer({ minimum: 1, maximum: 15, description: 'Besides the writer, each in another zone' }),
  },
  {
    additionalProperties: false,
    description: 'For the job engine alone (JOBS_DATABASE_URL); without it, it is with the rest',
  },
)

const Files = Type.Object(
  {
    bucket: Type.String({
      pattern: '^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$',
      description: 'For uploads. All of AWS shares these names, so it holds a name of yours',
    }),
  },
  { additionalProperties: false },
)

const Pipeline = Type.Object(
  {
    github: Type.Object(
      {
        repository: Type.String({ pattern: '^[\\w.-]+/[\\w.-]+$' }),
        environment: Type.String({ pattern: '^[\\w-]+$', description: 'Whose protection rules are the approval' }),
      },
      { additionalProperties: false },
    ),
    circleci: Type.Optional(
      Type.Object(
        {
          organization: Type.String({ format: 'uuid' }),
          project: Type.String({ format: 'uuid' }),
          user: Type.String({ format: 'uuid', description: 'The account whose approval starts the job' }),
        },
        { additionalProperties: false },
      ),
    ),
    provisions: Type.Boolean({ description: 'May create, change and delete the stacks, and not only show a change' }),
  },
  { additionalProperties: false },
)

const Alerts = Type.Object(
  {
    email: Type.String({ format: 'email' }),
    monthlyDollars: Type.Integer({ minimum: 1, description: 'The budget; told at 80 % spent and 100 % foreseen' }),
    availabilityPercent: Type.Number({ minimum: 90, maximum: 99.99, description: 'Requests not answered by 5xx' }),
    latencyPercent: Type.Number({
      minimum: 50,
      maximum: 99.99,
      description: 'Requests answered within latencySeconds',
    }),
    latencySeconds: Type.Number({ minimum: 0.05, maximum: 10 }),
  },
  { additionalProperties: false },
)

const ConfigSchema = Type.Object(
  {
    environment: Type.Enum(['staging', 'production']),
    ephemeral: Type.Boolean({ description: 'Deleting its stacks deletes its data; nothing is protected from it' }),
    region: Type.String({ pattern: '^[a-z]{2}(-[a-z]+)+-\\d$' }),
    zones: Type.Array(Type.String(), { minItems: 3, maxItems: 3, uniqueItems: true }),
    logDays: Days('How long logs are kept'),
    requestsPerAddress: Type.Integer({ minimum: 100, maximum: 2_000_000, description: 'In five minutes; more: 403' }),
    network: Network,
    domain: Domain,
    cluster: Cluster,
    database: Database,
    jobsDatabase: Type.Optional(JobsDatabase),
    files: Files,
    pipeline: Pipeline,
    alerts: Alerts,
  },
  { additionalProperties: false },
)

export type EnvironmentConfig = Static<typeof ConfigSchema>

/** Checks a configuration whole. Throws one Error that names every field that is wrong. */
export function environmentConfig(values: EnvironmentConfig): EnvironmentConfig {
  Settings.Set({ maxErrors: 1_000 }) // it would stop at the eighth
  const faults = Value.Errors(ConfigSchema, values).flatMap(inWords)
  const wrong = faults.length > 0 ? faults : contradictions(values)
  if (wrong.length > 0) throw new Error(`The environment is wrong:\n  ${wrong.join('\n  ')}`)
  return Object.freeze(values)
}

/** What a schema cannot say: fields that must agree. */
function contradictions(config: EnvironmentConfig): string[] {
  const { zones, region, domain, cluster, environment, network } = config
  const rules: [holds: boolean, complaint: string][] = [
    [zones.every((zone) => zone.startsWith(region)), `zones: must lie in ${region}`],
    [`.${domain.name}`.endsWith(`.${domain.zone}`), `domain.name: must lie in ${domain.zone}`],
    [cluster.nodes.min <= cluster.nodes.max, 'cluster.nodes.max: must not be below min'],
    [config.pipeline.github.environment === environment, `pipeline.github.environment: must be ${environment}`],
  ]
  if (environment === 'production')
    rules.push(
      [!config.ephemeral, 'ephemeral: production is not'],
      [!config.pipeline.provisions, 'pipeline.provisions: in production a person carries a change out'],
      [network.natPerZone, 'network.natPerZone: production survives the loss of a zone'],
      [cluster.nodes.min >= zones.length, `cluster.nodes.min: at least one in each of ${zones.length} zones`],
    )
  return rules.filter(([holds]) => !holds).map(([, complaint]) => complaint)
}

type Fault = ReturnType<typeof Value.Errors>[number]

function inWords({ keyword, instancePath, params, message }: Fault): string[] {
  const { requiredProperties, additionalProperties, allowedValues } = params as Record<string, string[] | undefined>
  const path = instancePath.slice(1).replaceAll('/', '.')
  const inside = (names: string[] = []) => names.map((name) => [path, name].filter(Boolean).join('.'))
  if (keyword === 'required') return inside(requiredProperties).map((field) => `${field}: is missing`)
  if (keyword === 'additionalProperties') return inside(additionalProperties).map((field) => `${field}: is not known`)
  if (keyword === 'boolean') return [] // said by additionalProperties already
  return [`${path || 'everything'}: ${allowedValues ? `must be one of ${allowedValues.join(', ')}` : message}`]
}

import { environmentConfig } from './config.ts'

/** Where a release is tried before people meet it. Small, in an account of its own, and deleted when nobody needs it. */
export const staging = environmentConfig({
  environment: 'staging',
  ephemeral: true,
  region: 'eu-central-1',
  zones: ['eu-central-1a', 'eu-central-1b', 'eu-central-1c'],
  logDays: 30,
  requestsPerAddress: 10_000,
  network: {
    cidr: '10.20.0.0/16',
    natPerZone: false,
    endpoints: ['ecr.api', 'ecr.dkr', 'secretsmanager'],
  },
  domain: {
    name: 'api.staging.openhcs.example.org',
    zone: 'staging.openhcs.example.org',
    zoneId: 'Z00000000STAGING',
    tls: '1.3',
  },
  cluster: {
    instanceType: 'm7i.large',
    nodes: { min: 2, max: 4 },
    diskGigabytes: 40,
    administrators: ['openhcs-administrator'],
  },
  database: { instanceType: 'r7g.large', readers: 1, insights: 'standard', maxConnections: 500, proxy: false },
  files: { bucket: 'openhcs-example-org-staging-uploads' },
  pipeline: {
    github: { repository: 'openhcs/openhcs', environment: 'staging' },
    circleci: {
      organization: '00000000-0000-4000-8000-000000000001',
      project: '00000000-0000-4000-8000-000000000002',
      user: '00000000-0000-4000-8000-000000000003',
    },
    provisions: true,
  },
  alerts: {
    email: 'staging@openhcs.example.org',
    monthlyDollars: 1_200,
    availabilityPercent: 99.5,
    latencyPercent: 99,
    latencySeconds: 0.5,
  },
})

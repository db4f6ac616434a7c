import { environmentConfig } from './config.ts'

/** What people rely on: three zones, nothing that is alone, and protected from deletion. */
export const production = environmentConfig({
  environment: 'production',
  ephemeral: false,
  region: 'eu-central-1',
  zones: ['eu-central-1a', 'eu-central-1b', 'eu-central-1c'],
  logDays: 2192,
  requestsPerAddress: 20_000,
  network: {
    cidr: '10.30.0.0/16',
    natPerZone: true,
    endpoints: ['ecr.api', 'ecr.dkr', 'eks-auth', 'kms', 'logs', 'monitoring', 'secretsmanager', 'sts'],
  },
  domain: {
    name: 'api.openhcs.example.org',
    zone: 'openhcs.example.org',
    zoneId: 'Z0000000PRODUCTION',
    tls: '1.3',
  },
  cluster: {
    instanceType: 'm7i.xlarge',
    nodes: { min: 3, max: 12 },
    diskGigabytes: 80,
    administrators: ['openhcs-administrator'],
  },
  database: { instanceType: 'r7g.xlarge', readers: 2, insights: 'advanced', maxConnections: 2_000, proxy: false },
  files: { bucket: 'openhcs-example-org-production-uploads' },
  pipeline: {
    github: { repository: 'openhcs/openhcs', environment: 'production' },
    circleci: {
      organization: '00000000-0000-4000-8000-000000000001',
      project: '00000000-0000-4000-8000-000000000002',
      user: '00000000-0000-4000-8000-000000000003',
    },
    provisions: false,
  },
  alerts: {
    email: 'on-call@openhcs.example.org',
    monthlyDollars: 4_000,
    availabilityPercent: 99.9,
    latencyPercent: 99,
    latencySeconds: 0.5,
  },
})

import { CfnDeletionPolicy, type Stack } from 'aws-cdk-lib'
import * as ec2 from 'aws-cdk-lib/aws-ec2'
import * as iam from 'aws-cdk-lib/aws-iam'
import type * as kms from 'aws-cdk-lib/aws-kms'
import * as rds from 'aws-cdk-lib/aws-rds'
import type { EnvironmentConfig } from './config.ts'
import { logGroup } from './logs.ts'
import { ownKey } from './operations-key.ts'
import { nameOf, output } from './stack.ts'

const EXPORTS = ['postgresql', 'iam-db-auth-error', 'instance']
/** Days of performance data; 15 months are what the advanced mode asks for. */
const INSIGHT_DAYS = { standard: 7, advanced: 465 }

export interface Database {
  /** The house's own, and that of the jobs where they have one. */
  clusters: rds.CfnDBCluster[]
  cluster: rds.CfnDBCluster
  instances: rds.CfnDBInstance[]
  securityGroup: ec2.SecurityGroup
}

/** What each Aurora cluster of an environment has for itself; key, network, parameters and rights are the same. */
interface Shape {
  /** Of its resources. */
  id: string
  /** Its own name, and the beginning of its instances'. */
  name: string
  instanceType: string
  readers: number
}

interface Ground {
  key: kms.IKey
  operations: kms.IKey
  securityGroup: ec2.SecurityGroup
  subnets: rds.CfnDBSubnetGroup
  parameters: rds.CfnDBClusterParameterGroup
}

/** Aurora PostgreSQL: a writer and readers in other zones, over storage that is in all three. A second one for jobs, where it is asked for. */
export function database(
  stack: Stack,
  config: EnvironmentConfig,
  { vpc, operations }: { vpc: ec2.IVpc; operations: kms.IKey },
): Database {
  const key = ownKey(stack, 'DatabaseKey', config, `Database of ${config.environment}`)
  const securityGroup = new ec2.SecurityGroup(stack, 'DatabaseSecurityGroup', {
    vpc,
    description: 'PostgreSQL, from the nodes of the cluster', // which adds its rule, see cluster.ts
    allowAllOutbound: false,
  })
  const ground = {
    key,
    operations,
    securityGroup,
    parameters: parametersOf(stack, config),
    subnets: subnets(stack, vpc),
  }
  const own = aurora(stack, config, { id: 'Database', name: nameOf(config), ...config.database }, ground)
  tell(stack, own.cluster)
  if (!config.jobsDatabase) return { ...own, clusters: [own.cluster], securityGroup }
  const shape = { id: 'DatabaseOfJobs', name: `${nameOf(config)}-jobs`, ...config.jobsDatabase }
  const { cluster: jobs } = aurora(stack, config, shape, ground)
  output(stack, 'JobsDatabaseEndpoint', jobs.attrEndpointAddress, 'For JOBS_DATABASE_URL')
  output(stack, 'JobsDatabaseSecretArn', jobs.attrMasterUserSecretSecretArn, 'The administrator of that database')
  return { ...own, clusters: [own.cluster, jobs], securityGroup }
}

function aurora(
  stack: Stack,
  config: EnvironmentConfig,
  shape: Shape,
  ground: Ground,
): Pick<Database, 'cluster' | 'instances'> {
  const { id, name } = shape
  const cluster = new rds.CfnDBCluster(stack, id, {
    ...engine(ground.parameters),
    ...protection(config, ground.key),
    ...insight(config, ground.key),
    dbClusterIdentifier: name,
    dbSubnetGroupName: ground.subnets.ref,
    vpcSecurityGroupIds: [ground.securityGroup.securityGroupId],
  })
  cluster.cfnOptions.deletionPolicy = config.ephemeral ? CfnDeletionPolicy.DELETE : CfnDeletionPolicy.SNAPSHOT
  cluster.cfnOptions.updateReplacePolicy = CfnDeletionPolicy.SNAPSHOT
  for (const log of EXPORTS)
    cluster.addResourceDependency(
      logGroup(stack, `${id}Logs${log.replaceAll('-', '')}`, `/aws/rds/cluster/${name}/${log}`, {
        config,
        key: ground.operations,
      }),
    )
  return { cluster, instances: instances(stack, config, shape, { ...ground, cluster }) }
}

function parametersOf(stack: Stack, config: EnvironmentConfig): rds.CfnDBClusterParameterGroup {
  return new rds.CfnDBClusterParameterGroup(stack, 'DatabaseParameters', {
    family: 'aurora-postgresql18',
    description: 'TLS or nothing; nothing personal in the log',
    parameters: {
      'rds.force_ssl': '1',
      ssl_min_protocol_version: 'TLSv1.3',
      max_connections: String(config.database.maxConnections),
      shared_preload_libraries: 'pg_stat_statements',
      log_statement: 'ddl',
      log_min_duration_statement: '1000',
      // Slow statements are logged as they are written, without the values they were given.
      log_parameter_max_length: '0',
      log_parameter_max_length_on_error: '0',
    },
  })
}

function engine(parameters: rds.CfnDBClusterParameterGroup) {
  return {
    engine: 'aurora-postgresql',
    engineVersion: '18.6',
    databaseName: 'openhcs',
    port: 5432,
    dbClusterParameterGroupName: parameters.ref,
    preferredMaintenanceWindow: 'sun:03:00-sun:04:00',
  }
}

function protection(config: EnvironmentConfig, key: kms.IKey) {
  return {
    storageEncrypted: true,
    kmsKeyId: key.keyArn,
    // RDS makes this password, keeps it in Secrets Manager and changes it every week; nobody needs to know it.
    masterUsername: 'postgres',
    manageMasterUserPassword: true,
    masterUserSecret: { kmsKeyId: key.keyArn },
    enableIamDatabaseAuthentication: true,
    backupRetentionPeriod: 35,
    preferredBackupWindow: '01:00-02:00',
    copyTagsToSnapshot: true,
    deletionProtection: !config.ephemeral,
    deleteAutomatedBackups: config.ephemeral,
  }
}

function insight(config: EnvironmentConfig, key: kms.IKey) {
  return {
    enableCloudwatchLogsExports: EXPORTS,
    databaseInsightsMode: config.database.insights,
    performanceInsightsEnabled: true,
    performanceInsightsKmsKeyId: key.keyArn,
    performanceInsightsRetentionPeriod: INSIGHT_DAYS[config.database.insights],
  }
}

function subnets(stack: Stack, vpc: ec2.IVpc): rds.CfnDBSubnetGroup {
  return new rds.CfnDBSubnetGroup(stack, 'DatabaseSubnets', {
    dbSubnetGroupDescription: 'Without a way out',
    subnetIds: vpc.isolatedSubnets.map(({ subnetId }) => subnetId),
  })
}

/** One for all. */
function monitoringRole(stack: Stack): iam.Role {
  const made = stack.node.tryFindChild('DatabaseMonitoringRole')
  if (made instanceof iam.Role) return made
  return new iam.Role(stack, 'DatabaseMonitoringRole', {
    assumedBy: new iam.ServicePrincipal('monitoring.rds.amazonaws.com'),
    managedPolicies: [iam.ManagedPolicy.fromAwsManagedPolicyName('service-role/AmazonRDSEnhancedMonitoringRole')],
  })
}

function instances(
  stack: Stack,
  config: EnvironmentConfig,
  { id, name, instanceType, readers }: Shape,
  { cluster, key }: Ground & { cluster: rds.CfnDBCluster },
): rds.CfnDBInstance[] {
  const monitoring = monitoringRole(stack)
  return Array.from(
    { length: readers + 1 },
    (_, i) =>
      new rds.CfnDBInstance(stack, `${id.replace('Database', 'DatabaseInstance')}${i + 1}`, {
        engine: 'aurora-postgresql',
        dbClusterIdentifier: cluster.ref,
        dbInstanceIdentifier: `${name}-${i + 1}`,
        dbInstanceClass: `db.${instanceType}`,
        availabilityZone: config.zones[i % config.zones.length] ?? '',
        publiclyAccessible: false,
        autoMinorVersionUpgrade: true,
        promotionTier: Math.min(i, 15),
        monitoringInterval: 60,
        monitoringRoleArn: monitoring.roleArn,
        enablePerformanceInsights: true,
        performanceInsightsKmsKeyId: key.keyArn,
        performanceInsightsRetentionPeriod: INSIGHT_DAYS[config.database.insights],
      }),
  )
}

function tell(stack: Stack, cluster: rds.CfnDBCluster): void {
  output(stack, 'DatabaseEndpoint', cluster.attrEndpointAddress, 'Where to write')
  output(
    stack,
    'DatabaseReaderEndpoint',
    cluster.attrReadEndpointAddress,
    'Where searches may read: DATABASE_READER_URL',
  )
  output(stack, 'DatabaseSecretArn', cluster.attrMasterUserSecretSecretArn, 'The administrator of the database')
}

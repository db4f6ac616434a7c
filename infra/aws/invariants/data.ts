import { at, listAt, resources } from '../template.ts'
import { each, type Invariant } from './invariant.ts'

const database = each(
  'the database is encrypted, backed up and protected',
  ['AWS::RDS::DBCluster'],
  (found, config) => {
    const { properties } = found
    return [
      properties.StorageEncrypted !== true && 'is not encrypted',
      !at(properties, 'KmsKeyId', 'Fn::GetAtt') && 'has no key of its own',
      properties.BackupRetentionPeriod !== 35 && 'keeps backups for less than 35 days',
      properties.EnableIAMDatabaseAuthentication !== true && 'knows no IAM authentication',
      properties.ManageMasterUserPassword !== true && 'has a password that somebody knows',
      properties.DeletionProtection !== !config.ephemeral && 'has the wrong deletion protection',
      !String(properties.EngineVersion).startsWith('18.') && 'is not PostgreSQL 18',
    ]
  },
)

const parameters = each('the database speaks TLS only', ['AWS::RDS::DBClusterParameterGroup'], ({ properties }) => [
  at(properties, 'Parameters', 'rds.force_ssl') !== '1' && 'does not demand TLS',
  at(properties, 'Parameters', 'log_parameter_max_length') !== '0' && 'logs what statements are given',
])

const instances: Invariant = {
  name: 'the database has instances in several zones, none of them public',
  problems(templates) {
    const all = resources(templates, 'AWS::RDS::DBInstance')
    const zones = new Set(all.map(({ properties }) => properties.AvailabilityZone))
    return [
      ...(zones.size > 1 ? [] : ['data: the database is in one zone']),
      ...all
        .filter(({ properties }) => properties.PubliclyAccessible !== false)
        .map(({ where }) => `${where}: is public`),
    ]
  },
}

const proxy: Invariant = {
  name: 'a proxy of the database is there if it is wanted, and speaks TLS only',
  problems(templates, config) {
    const all = resources(templates, 'AWS::RDS::DBProxy')
    return [
      ...(all.length > 0 === config.database.proxy
        ? []
        : ['data: there is a proxy, or there is none, against the configuration']),
      ...all.flatMap(({ where, properties }) => [
        ...(properties.RequireTLS === true ? [] : [`${where}: does not demand TLS`]),
        ...(properties.DebugLogging === true ? [`${where}: logs statements`] : []),
        ...(listAt(properties, 'Auth').every((one) => at(one, 'ClientPasswordAuthType') === 'POSTGRES_SCRAM_SHA_256')
          ? []
          : [`${where}: takes passwords in another way than SCRAM`]),
      ]),
    ]
  },
}

const SHUT = ['BlockPublicAcls', 'BlockPublicPolicy', 'IgnorePublicAcls', 'RestrictPublicBuckets']
const buckets = each('buckets are private, versioned and encrypted', ['AWS::S3::Bucket'], ({ properties }) => [
  SHUT.some((name) => at(properties, 'PublicAccessBlockConfiguration', name) !== true) && 'may become public',
  at(properties, 'VersioningConfiguration', 'Status') !== 'Enabled' && 'keeps no versions',
  listAt(properties, 'BucketEncryption', 'ServerSideEncryptionConfiguration').length === 0 && 'is not encrypted',
])

const bucketPolicies = each('buckets are reached by TLS only', ['AWS::S3::BucketPolicy'], ({ properties }) => [
  !listAt(properties, 'PolicyDocument', 'Statement').some(
    (statement) =>
      at(statement, 'Effect') === 'Deny' && at(statement, 'Condition', 'Bool', 'aws:SecureTransport') === 'false',
  ) && 'permits unencrypted connections',
])

/** A password that is another secret's, which CloudFormation looks up: the template has only its name. */
const REFERENCE = /password[\\"]+:[\\"]+\{\{resolve:secretsmanager:/
const secrets = each('secrets are made by AWS, under a key of ours', ['AWS::SecretsManager::Secret'], (found) => [
  found.properties.SecretString !== undefined &&
    !REFERENCE.test(JSON.stringify(found.properties.SecretString)) &&
    'is written in the template',
  !found.properties.KmsKeyId && 'has no key of its own',
])

const keys = each('keys are changed every year', ['AWS::KMS::Key'], ({ properties }) => [
  properties.EnableKeyRotation !== true && 'is never changed',
])

const logs = each('logs end, and are encrypted', ['AWS::Logs::LogGroup'], ({ properties }, { logDays }) => [
  properties.RetentionInDays !== logDays && 'is kept for ever, or for another time than configured',
  !properties.KmsKeyId && 'is not encrypted by our key',
])

/** What holds something that cannot be made again. */
const HOLDERS = [
  'AWS::RDS::DBCluster',
  'AWS::S3::Bucket',
  'AWS::KMS::Key',
  'AWS::SecretsManager::Secret',
  'AWS::ECR::Repository',
  'AWS::Logs::LogGroup',
]
const kept = each('data outlives its stack, unless the environment is ephemeral', HOLDERS, (found, { ephemeral }) => [
  ephemeral
    ? found.deletionPolicy !== 'Delete' && 'would stay behind'
    : !['Retain', 'Snapshot'].includes(found.deletionPolicy ?? '') && 'would be deleted with its stack',
])

const images = each('a tag is given once, and what it names is scanned', ['AWS::ECR::Repository'], ({ properties }) => [
  properties.ImageTagMutability !== 'IMMUTABLE' && 'lets a tag move',
  at(properties, 'ImageScanningConfiguration', 'ScanOnPush') !== true && 'does not scan',
])

export const dataInvariants: Invariant[] = [
  database,
  parameters,
  instances,
  proxy,
  buckets,
  bucketPolicies,
  secrets,
  keys,
  logs,
  kept,
  images,
]

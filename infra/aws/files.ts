import { Duration, type Stack } from 'aws-cdk-lib'
import * as ec2 from 'aws-cdk-lib/aws-ec2'
import * as efs from 'aws-cdk-lib/aws-efs'
import * as iam from 'aws-cdk-lib/aws-iam'
import type * as kms from 'aws-cdk-lib/aws-kms'
import * as s3 from 'aws-cdk-lib/aws-s3'
import type { EnvironmentConfig } from './config.ts'
import { keepUnless, nameOf, output } from './stack.ts'

/** The account of the image, as which it writes. */
const USER = '65532'

export interface SharedFolder {
  fileSystem: efs.CfnFileSystem
  securityGroup: ec2.SecurityGroup
}

/** Backups and exports of the service, and the copy of its uploads. */
export function filesBucket(
  stack: Stack,
  config: EnvironmentConfig,
  { key, accessLogs }: { key: kms.Key; accessLogs: s3.IBucket },
): s3.IBucket {
  const bucket = new s3.Bucket(stack, 'Files', {
    encryption: s3.BucketEncryption.KMS,
    encryptionKey: key,
    bucketKeyEnabled: true,
    blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
    objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
    enforceSSL: true,
    minimumTLSVersion: 1.2,
    versioned: true,
    removalPolicy: keepUnless(config),
    lifecycleRules: [
      {
        noncurrentVersionExpiration: Duration.days(90),
        abortIncompleteMultipartUploadAfter: Duration.days(7),
      },
    ],
  })
  // By the resource itself: the construct would add a rule to the bucket of logs that names this one, a circle of stacks.
  const resource = bucket.node.defaultChild as s3.CfnBucket
  resource.loggingConfiguration = { destinationBucketName: accessLogs.bucketName, logFilePrefix: 's3/files/' }
  output(stack, 'FilesBucketName', bucket.bucketName, 'Backups, exports and copies of uploads')
  return bucket as s3.IBucket
}

/** The folder of uploads (OPENHCS_HOME), one for all pods in all zones. The service renames within it, which S3 cannot. */
export function sharedFolder(
  stack: Stack,
  config: EnvironmentConfig,
  { key, vpc }: { key: kms.Key; vpc: ec2.IVpc },
): SharedFolder {
  const fileSystem = new efs.CfnFileSystem(stack, 'FileSystem', {
    encrypted: true,
    kmsKeyId: key.keyArn,
    throughputMode: 'elastic',
    lifecyclePolicies: [{ transitionToIa: 'AFTER_30_DAYS' }, { transitionToPrimaryStorageClass: 'AFTER_1_ACCESS' }],
    backupPolicy: { status: 'DISABLED' }, // see backup.ts
    fileSystemPolicy: onlyEncrypted(),
    fileSystemTags: [{ key: 'Name', value: nameOf(config) }],
  })
  fileSystem.applyRemovalPolicy(keepUnless(config))
  const securityGroup = new ec2.SecurityGroup(stack, 'FileSystemSecurityGroup', {
    vpc,
    description: 'NFS, from the nodes of the cluster', // which adds its rule, see cluster.ts
    allowAllOutbound: false,
  })
  vpc.isolatedSubnets.forEach(({ subnetId }, i) => {
    new efs.CfnMountTarget(stack, `FileSystemMount${i + 1}`, {
      fileSystemId: fileSystem.ref,
      subnetId,
      securityGroups: [securityGroup.securityGroupId],
    })
  })
  const accessPoint = new efs.CfnAccessPoint(stack, 'FileSystemAccess', {
    fileSystemId: fileSystem.ref,
    posixUser: { uid: USER, gid: USER },
    rootDirectory: { path: '/openhcs', creationInfo: { ownerUid: USER, ownerGid: USER, permissions: '0700' } },
  })
  output(stack, 'FileSystemId', fileSystem.ref, 'The folder of uploads, for the EFS driver')
  output(stack, 'FileSystemAccessPointId', accessPoint.ref, 'Its access point, owned by the account of the image')
  return { fileSystem, securityGroup }
}

function onlyEncrypted(): iam.PolicyDocument {
  return new iam.PolicyDocument({
    statements: [
      new iam.PolicyStatement({
        principals: [new iam.AnyPrincipal()],
        actions: ['elasticfilesystem:ClientMount', 'elasticfilesystem:ClientWrite'],
        conditions: { Bool: { 'elasticfilesystem:AccessedViaMountTarget': 'true' } },
      }),
      new iam.PolicyStatement({
        effect: iam.Effect.DENY,
        principals: [new iam.AnyPrincipal()],
        actions: ['*'],
        conditions: { Bool: { 'aws:SecureTransport': 'false' } },
      }),
    ],
  })
}

import { Aws, Duration, type Stack } from 'aws-cdk-lib'
import * as iam from 'aws-cdk-lib/aws-iam'
import type * as kms from 'aws-cdk-lib/aws-kms'
import * as logs from 'aws-cdk-lib/aws-logs'
import * as s3 from 'aws-cdk-lib/aws-s3'
import type { EnvironmentConfig } from './config.ts'
import { keepUnless } from './stack.ts'

/**
 * A log group that is there before the service that writes to it: made by the service itself it would have neither an
 * end nor our key.
 */
export function logGroup(
  stack: Stack,
  id: string,
  name: string,
  { config, key }: { config: EnvironmentConfig; key: kms.IKey },
): logs.CfnLogGroup {
  const group = new logs.CfnLogGroup(stack, id, {
    logGroupName: name,
    retentionInDays: config.logDays,
    kmsKeyId: key.keyArn,
  })
  group.applyRemovalPolicy(keepUnless(config))
  return group
}

/** Where load balancer and S3 leave their access logs. Those write with S3's own key only, and have no log of their own. */
export function accessLogBucket(stack: Stack, config: EnvironmentConfig): s3.IBucket {
  const bucket = new s3.Bucket(stack, 'AccessLogs', {
    encryption: s3.BucketEncryption.S3_MANAGED,
    blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
    objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
    enforceSSL: true,
    minimumTLSVersion: 1.2,
    versioned: true,
    removalPolicy: keepUnless(config),
    lifecycleRules: [
      {
        expiration: Duration.days(config.logDays),
        noncurrentVersionExpiration: Duration.days(30),
        abortIncompleteMultipartUploadAfter: Duration.days(7),
      },
    ],
  })
  bucket.addToResourcePolicy(
    new iam.PolicyStatement({
      sid: 'S3AccessLogs',
      principals: [new iam.ServicePrincipal('logging.s3.amazonaws.com')],
      actions: ['s3:PutObject'],
      resources: [bucket.arnForObjects('s3/*')],
      conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
    }),
  )
  return bucket as s3.IBucket
}

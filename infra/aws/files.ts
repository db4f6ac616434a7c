import { Duration, type Stack } from 'aws-cdk-lib'
import type * as kms from 'aws-cdk-lib/aws-kms'
import * as s3 from 'aws-cdk-lib/aws-s3'
import type { EnvironmentConfig } from './config.ts'
import { keepUnless, output } from './stack.ts'

/** Uploads, and nothing else: whoever serves may read and delete in it. Its name is a setting of the pods. */
export function filesBucket(
  stack: Stack,
  config: EnvironmentConfig,
  { key, accessLogs }: { key: kms.Key; accessLogs: s3.IBucket },
): s3.IBucket {
  const bucket = new s3.Bucket(stack, 'Files', {
    bucketName: config.files.bucket,
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
  output(stack, 'FilesBucketName', bucket.bucketName, 'Uploads (S3_BUCKET)')
  return bucket as s3.IBucket
}

import type { Stack } from 'aws-cdk-lib'
import * as ecr from 'aws-cdk-lib/aws-ecr'
import type { EnvironmentConfig } from './config.ts'
import { keepUnless } from './stack.ts'

/** The image. A tag is never given twice, so that what was tested is what is deployed. */
export function imageRepository(stack: Stack, config: EnvironmentConfig): ecr.CfnRepository {
  const repository = new ecr.CfnRepository(stack, 'ImageRepository', {
    repositoryName: 'openhcs',
    imageTagMutability: 'IMMUTABLE',
    imageScanningConfiguration: { scanOnPush: true },
    encryptionConfiguration: { encryptionType: 'KMS' },
    emptyOnDelete: config.ephemeral,
    lifecyclePolicy: {
      lifecyclePolicyText: JSON.stringify({
        rules: [
          {
            rulePriority: 1,
            description: 'The last 100 images',
            selection: { tagStatus: 'any', countType: 'imageCountMoreThan', countNumber: 100 },
            action: { type: 'expire' },
          },
        ],
      }),
    },
  })
  repository.applyRemovalPolicy(keepUnless(config))
  return repository
}

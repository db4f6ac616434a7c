import { Aws, type Stack } from 'aws-cdk-lib'
import * as iam from 'aws-cdk-lib/aws-iam'
import * as kms from 'aws-cdk-lib/aws-kms'
import type { EnvironmentConfig } from './config.ts'
import { keepUnless } from './stack.ts'

export function ownKey(stack: Stack, id: string, config: EnvironmentConfig, description: string): kms.Key {
  return new kms.Key(stack, id, { description, enableKeyRotation: true, removalPolicy: keepUnless(config) })
}

/** The key of logs and alarms: the services that write them may use it, for this account's things only. */
export function operationsKey(stack: Stack, config: EnvironmentConfig): kms.Key {
  const key = ownKey(stack, 'OperationsKey', config, `Logs and alarms of ${config.environment}`)
  const use = ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:DescribeKey']
  key.addToResourcePolicy(
    new iam.PolicyStatement({
      sid: 'Logs',
      principals: [new iam.ServicePrincipal(`logs.${config.region}.amazonaws.com`)],
      actions: use,
      resources: ['*'],
      conditions: {
        ArnLike: {
          'kms:EncryptionContext:aws:logs:arn': `arn:${Aws.PARTITION}:logs:${config.region}:${Aws.ACCOUNT_ID}:log-group:*`,
        },
      },
    }),
  )
  key.addToResourcePolicy(
    new iam.PolicyStatement({
      sid: 'Alarms',
      principals: ['cloudwatch.amazonaws.com', 'budgets.amazonaws.com'].map((name) => new iam.ServicePrincipal(name)),
      actions: ['kms:Decrypt', 'kms:GenerateDataKey*'],
      resources: ['*'], // who may publish is the topic's business
    }),
  )
  return key
}

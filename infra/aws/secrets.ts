import type { Stack } from 'aws-cdk-lib'
import type * as kms from 'aws-cdk-lib/aws-kms'
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager'
import type { EnvironmentConfig } from './config.ts'
import { keepUnless, output } from './stack.ts'

/**
 * The settings of the service that are secret, as one JSON object. OPENHCS_SECRET_KEY is made here, once: 64 hexadecimal
 * digits that no person sees. The other fields are put in by infra/README.md, when there is a database to name.
 */
export function applicationSecret(stack: Stack, config: EnvironmentConfig, key: kms.Key): secretsmanager.CfnSecret {
  const secret = new secretsmanager.CfnSecret(stack, 'ApplicationSecret', {
    name: `openhcs/${config.environment}`,
    description: 'DATABASE_URL, DATABASE_OWNER_URL, DATABASE_READER_URL, OPENHCS_SECRET_KEY, SMTP_URL, METRICS_TOKEN',
    kmsKeyId: key.keyArn,
    generateSecretString: {
      secretStringTemplate: '{}',
      generateStringKey: 'OPENHCS_SECRET_KEY',
      passwordLength: 64,
      excludeCharacters: 'ghijklmnopqrstuvwxyz',
      excludeUppercase: true,
      excludePunctuation: true,
      requireEachIncludedType: false,
    },
  })
  secret.applyRemovalPolicy(keepUnless(config))
  output(stack, 'ApplicationSecretArn', secret.ref, 'What External Secrets reads')
  return secret
}

import { SecretValue, type Stack } from 'aws-cdk-lib'
import * as ec2 from 'aws-cdk-lib/aws-ec2'
import * as iam from 'aws-cdk-lib/aws-iam'
import type * as kms from 'aws-cdk-lib/aws-kms'
import * as rds from 'aws-cdk-lib/aws-rds'
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager'
import { roleOf } from '#platform/session.ts'
import { everything } from '#services.ts'
import type { EnvironmentConfig } from './config.ts'
import type { Database } from './database.ts'
import { keepUnless, nameOf, output } from './stack.ts'

/** Of those that the database has. The rest is for what goes past the proxy: jobs, streams, migrations. */
const SHARE_PERCENT = 50
/** The house gives a request up after that. */
const WAIT_SECONDS = 5

interface Below {
  vpc: ec2.IVpc
  postgres: Database
  key: kms.IKey
}

/** RDS Proxy before the writer. Rooms log in through it, each as itself, all by one password: docs/decisions/0021-pooler.md. */
export function databaseProxy(
  stack: Stack,
  config: EnvironmentConfig,
  { vpc, postgres, key }: Below,
): ec2.ISecurityGroup {
  const securityGroup = new ec2.SecurityGroup(stack, 'ProxySecurityGroup', {
    vpc,
    description: 'RDS Proxy, from the nodes of the cluster', // which adds its rule, see cluster.ts
    allowAllOutbound: false,
  })
  const secrets = loginSecrets(stack, config, key)
  const proxy = new rds.CfnDBProxy(stack, 'DatabaseProxy', {
    dbProxyName: nameOf(config),
    engineFamily: 'POSTGRESQL',
    requireTls: true,
    debugLogging: false, // it would log statements
    roleArn: readerOf(stack, secrets, key).roleArn,
    vpcSubnetIds: vpc.isolatedSubnets.map(({ subnetId }) => subnetId),
    vpcSecurityGroupIds: [securityGroup.securityGroupId],
    auth: secrets.map(({ ref }) => ({
      authScheme: 'SECRETS',
      clientPasswordAuthType: 'POSTGRES_SCRAM_SHA_256',
      iamAuth: 'DISABLED',
      secretArn: ref,
    })),
  })
  const targets = new rds.CfnDBProxyTargetGroup(stack, 'DatabaseProxyTargets', {
    dbProxyName: proxy.ref,
    targetGroupName: 'default',
    dbClusterIdentifiers: [postgres.cluster.ref],
    connectionPoolConfigurationInfo: { maxConnectionsPercent: SHARE_PERCENT, connectionBorrowTimeout: WAIT_SECONDS },
  })
  for (const instance of postgres.instances) targets.addResourceDependency(instance)
  securityGroup.addEgressRule(postgres.securityGroup, ec2.Port.tcp(5432), 'RDS Proxy to PostgreSQL')
  postgres.securityGroup.addIngressRule(securityGroup, ec2.Port.tcp(5432), 'RDS Proxy to PostgreSQL')
  output(stack, 'DatabaseProxyEndpoint', proxy.attrEndpoint, 'The host of DATABASE_POOLER_URL')
  return securityGroup
}

/** The proxy wants a secret for each login. They repeat one that AWS makes, by a reference: no template has a password. */
function loginSecrets(stack: Stack, config: EnvironmentConfig, key: kms.IKey): secretsmanager.CfnSecret[] {
  const password = new secretsmanager.CfnSecret(stack, 'RoomsPassword', {
    name: `openhcs/${config.environment}/rooms`,
    description: 'The password in DATABASE_POOLER_URL',
    kmsKeyId: key.keyArn,
    generateSecretString: {
      secretStringTemplate: '{}',
      generateStringKey: 'password',
      passwordLength: 48,
      excludePunctuation: true, // it is part of a URL
    },
  })
  password.applyRemovalPolicy(keepUnless(config))
  output(stack, 'RoomsPasswordArn', password.ref, 'The password in DATABASE_POOLER_URL')
  return everything.map(({ name }) => {
    // Unwrapped is a reference that CloudFormation follows, and not the password.
    const value = SecretValue.secretsManager(password.ref, { jsonField: 'password' }).unsafeUnwrap()
    const secret = new secretsmanager.CfnSecret(stack, `RoomLogin${name}`, {
      name: `openhcs/${config.environment}/rooms/${name}`,
      description: 'What RDS Proxy logs in with',
      kmsKeyId: key.keyArn,
      secretString: stack.toJsonString({ username: roleOf(name), password: value }),
    })
    secret.applyRemovalPolicy(keepUnless(config))
    return secret
  })
}

function readerOf(stack: Stack, secrets: secretsmanager.CfnSecret[], key: kms.IKey): iam.Role {
  const role = new iam.Role(stack, 'DatabaseProxyRole', { assumedBy: new iam.ServicePrincipal('rds.amazonaws.com') })
  new iam.ManagedPolicy(stack, 'DatabaseProxyPolicy', {
    roles: [role],
    statements: [
      new iam.PolicyStatement({
        actions: ['secretsmanager:GetSecretValue'],
        resources: secrets.map(({ ref }) => ref),
      }),
      new iam.PolicyStatement({
        actions: ['kms:Decrypt'],
        resources: [key.keyArn],
        conditions: { StringEquals: { 'kms:ViaService': `secretsmanager.${stack.region}.amazonaws.com` } },
      }),
    ],
  })
  return role
}

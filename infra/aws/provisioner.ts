import { Aws, type Stack } from 'aws-cdk-lib'
import * as iam from 'aws-cdk-lib/aws-iam'
import type { EnvironmentConfig } from './config.ts'
import { nameOf, output } from './stack.ts'

/**
 * What CloudFormation becomes when the pipeline makes or removes an environment that may be made and removed. It can do
 * nearly everything in its account, which is why that account holds nothing else, and why production has no such role.
 */
export function provisioner(stack: Stack, config: EnvironmentConfig): iam.Role {
  const role = new iam.Role(stack, 'ProvisionRole', {
    assumedBy: new iam.ServicePrincipal('cloudformation.amazonaws.com'),
    managedPolicies: [iam.ManagedPolicy.fromAwsManagedPolicyName('PowerUserAccess')],
  })
  const own = (kind: string) => `arn:${Aws.PARTITION}:iam::${Aws.ACCOUNT_ID}:${kind}/${nameOf(config)}-*`
  new iam.ManagedPolicy(stack, 'ProvisionPolicy', {
    roles: [role],
    statements: [
      new iam.PolicyStatement({
        actions: [
          'iam:AttachRolePolicy',
          'iam:CreatePolicy',
          'iam:CreatePolicyVersion',
          'iam:CreateRole',
          'iam:DeletePolicy',
          'iam:DeletePolicyVersion',
          'iam:DeleteRole',
          'iam:DetachRolePolicy',
          'iam:GetPolicy',
          'iam:GetPolicyVersion',
          'iam:GetRole',
          'iam:ListAttachedRolePolicies',
          'iam:ListPolicyVersions',
          'iam:ListRolePolicies',
          'iam:PassRole',
          'iam:TagPolicy',
          'iam:TagRole',
          'iam:UpdateAssumeRolePolicy',
        ],
        resources: [own('role'), own('policy')],
      }),
    ],
  })
  output(stack, 'ProvisionRoleArn', role.roleArn, 'For aws cloudformation deploy --role-arn')
  return role
}

import type { Stack } from 'aws-cdk-lib'
import * as iam from 'aws-cdk-lib/aws-iam'
import type { EnvironmentConfig } from './config.ts'
import { OUTSIDE } from './outside.ts'
import { allow, githubJob, here } from './pipeline-trust.ts'
import { nameOf, output } from './stack.ts'

/** Gathers the evidence for an approval, before anybody has approved: so it may look, and change nothing. */
export function lookRole(stack: Stack, config: EnvironmentConfig): void {
  const role = new iam.Role(stack, 'LookRole', {
    description: `Shows what a release would change in ${config.environment}`,
    assumedBy: githubJob(stack, config, `${config.pipeline.github.environment}-diff`),
  })
  new iam.ManagedPolicy(stack, 'LookPolicy', { roles: [role], statements: look(config) })
  output(stack, 'LookRoleArn', role.roleArn, 'What a pipeline becomes to show a change')
}

/** A change set says what a template would do. Without ExecuteChangeSet nobody does it. */
export const look = (config: EnvironmentConfig): iam.PolicyStatement[] => [
  allow(
    [
      'cloudformation:CreateChangeSet',
      'cloudformation:DeleteChangeSet',
      'cloudformation:DescribeChangeSet',
      'cloudformation:DescribeStackEvents',
      'cloudformation:DescribeStacks',
      'cloudformation:GetTemplate',
    ],
    stacksOf(config),
  ),
  allow(['cloudformation:GetTemplateSummary', 'cloudformation:ValidateTemplate'], ['*']),
]

export const stacksOf = (config: EnvironmentConfig): string[] => [
  here(config, 'cloudformation', `stack/${nameOf(config)}-*/*`),
  here({ ...config, region: OUTSIDE }, 'cloudformation', `stack/${nameOf(config)}-outside/*`),
]

import { Aws, type Stack } from 'aws-cdk-lib'
import * as iam from 'aws-cdk-lib/aws-iam'
import type { EnvironmentConfig } from './config.ts'

// What the roles of the pipelines are written with.

interface Token {
  issuer: string
  audience: string
  subject: string
}

/** Whoever brings a token of this issuer with exactly this subject. Several roles may believe one issuer. */
export function believe(stack: Stack, provider: string, { issuer, audience, subject }: Token): iam.PrincipalBase {
  const present = stack.node.tryFindChild(provider) as iam.CfnOIDCProvider | undefined
  const { ref } =
    present ?? new iam.CfnOIDCProvider(stack, provider, { url: `https://${issuer}`, clientIdList: [audience] })
  return new iam.WebIdentityPrincipal(ref, {
    StringEquals: { [`${issuer}:aud`]: audience, [`${issuer}:sub`]: subject },
  })
}

/** A job of our repository that runs in this environment of GitHub's, whose rules say who may. */
export const githubJob = (stack: Stack, { pipeline }: EnvironmentConfig, environment: string): iam.PrincipalBase =>
  believe(stack, 'GitHubProvider', {
    issuer: 'token.actions.githubusercontent.com',
    audience: 'sts.amazonaws.com',
    subject: `repo:${pipeline.github.repository}:environment:${environment}`,
  })

export const allow = (actions: string[], resources: string[], conditions?: iam.Conditions): iam.PolicyStatement =>
  new iam.PolicyStatement({ actions, resources, ...(conditions && { conditions }) })

export const here = (config: EnvironmentConfig, service: string, resource: string): string =>
  `arn:${Aws.PARTITION}:${service}:${config.region}:${Aws.ACCOUNT_ID}:${resource}`

import { Aws, Duration, type Stack } from 'aws-cdk-lib'
import type * as ecr from 'aws-cdk-lib/aws-ecr'
import * as iam from 'aws-cdk-lib/aws-iam'
import type { EnvironmentConfig } from './config.ts'
import { look, stacksOf } from './look-role.ts'
import { allow, believe, githubJob, here } from './pipeline-trust.ts'
import { nameOf, output } from './stack.ts'

/** A session may last as long as the longest release, which bakes for a while between its steps. */
const LONGEST = Duration.hours(4)

/** The role of the pipelines. There is no key to steal: a job proves who it is, and is believed for one subject exactly. */
export function deployRole(
  stack: Stack,
  config: EnvironmentConfig,
  { repository, provisioner }: { repository: ecr.CfnRepository; provisioner: iam.IRole | undefined },
): iam.Role {
  const role = new iam.Role(stack, 'DeployRole', {
    description: `Releases to ${config.environment}`,
    assumedBy: new iam.CompositePrincipal(...subjects(stack, config)),
    maxSessionDuration: LONGEST,
  })
  new iam.ManagedPolicy(stack, 'DeployPolicy', {
    roles: [role],
    statements: [...images(repository), ...release(config), ...tunnel(config), ...change(config, provisioner)],
  })
  output(stack, 'DeployRoleArn', role.roleArn, 'What a pipeline becomes')
  return role
}

function subjects(stack: Stack, config: EnvironmentConfig): iam.PrincipalBase[] {
  const { circleci } = config.pipeline
  const both = [githubJob(stack, config, config.pipeline.github.environment)]
  if (circleci) {
    const { organization, project, user } = circleci
    const issuer = `oidc.circleci.com/org/${organization}`
    const subject = `org/${organization}/project/${project}/user/${user}`
    both.push(believe(stack, 'CircleCiProvider', { issuer, audience: organization, subject }))
  }
  return both
}

const images = (repository: ecr.CfnRepository) => [
  allow(['ecr:GetAuthorizationToken'], ['*']),
  allow(
    [
      'ecr:BatchCheckLayerAvailability',
      'ecr:BatchGetImage',
      'ecr:CompleteLayerUpload',
      'ecr:DescribeImageScanFindings',
      'ecr:DescribeImages',
      'ecr:GetDownloadUrlForLayer',
      'ecr:InitiateLayerUpload',
      'ecr:PutImage',
      'ecr:UploadLayerPart',
    ],
    [repository.attrArn],
  ),
]

/** Shift weights, and look at what comes of it. */
const release = (config: EnvironmentConfig) => [
  allow(['eks:DescribeCluster'], [here(config, 'eks', `cluster/${nameOf(config)}`)]),
  allow(
    ['elasticloadbalancing:ModifyListener'],
    [here(config, 'elasticloadbalancing', `listener/app/${nameOf(config)}/*`)],
  ),
  allow(
    ['elasticloadbalancing:ModifyRule'],
    [here(config, 'elasticloadbalancing', `listener-rule/app/${nameOf(config)}/*`)],
  ),
  allow(
    [
      'cloudwatch:DescribeAlarms',
      'cloudwatch:GetMetricData',
      'ec2:DescribeInstances',
      'elasticloadbalancing:DescribeListeners',
      'elasticloadbalancing:DescribeLoadBalancers',
      'elasticloadbalancing:DescribeRules',
      'elasticloadbalancing:DescribeTargetGroups',
      'elasticloadbalancing:DescribeTargetHealth',
    ],
    ['*'],
  ),
]

/** To the private API of the cluster: a port forwarded by one of its nodes, and no shell on it. */
const tunnel = (config: EnvironmentConfig) => [
  allow(['ssm:StartSession'], [here(config, 'ec2', 'instance/*')], {
    StringEquals: { 'ssm:resourceTag/eks:cluster-name': nameOf(config) },
  }),
  allow(
    ['ssm:StartSession'],
    [`arn:${Aws.PARTITION}:ssm:${config.region}::document/AWS-StartPortForwardingSessionToRemoteHost`],
  ),
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of IAM, which puts the caller's own session in its place
  allow(['ssm:TerminateSession'], [here(config, 'ssm', 'session/${aws:userid}-*')]),
]

/** Show what a change of the templates would do; carry it out only where a provisioner may be handed over. */
function change(config: EnvironmentConfig, provisioner: iam.IRole | undefined): iam.PolicyStatement[] {
  if (!provisioner) return look(config)
  const may = ['CreateStack', 'DeleteStack', 'ExecuteChangeSet', 'UpdateStack']
  return [
    ...look(config),
    allow(
      may.map((action) => `cloudformation:${action}`),
      stacksOf(config),
    ),
    allow(['iam:PassRole'], [provisioner.roleArn], {
      StringEquals: { 'iam:PassedToService': 'cloudformation.amazonaws.com' },
    }),
  ]
}

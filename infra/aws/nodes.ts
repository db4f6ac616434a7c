import { Aws, type Stack } from 'aws-cdk-lib'
import * as ec2 from 'aws-cdk-lib/aws-ec2'
import * as eks from 'aws-cdk-lib/aws-eks-v2'
import * as iam from 'aws-cdk-lib/aws-iam'
import type * as kms from 'aws-cdk-lib/aws-kms'
import type { EnvironmentConfig } from './config.ts'
import { ownKey } from './operations-key.ts'
import { nameOf } from './stack.ts'

/** The machines that pods run on: in the private subnets of all zones, replaced one at a time. */
export function nodes(
  stack: Stack,
  config: EnvironmentConfig,
  { vpc, cluster }: { vpc: ec2.IVpc; cluster: eks.Cluster },
): eks.CfnNodegroup {
  const { nodes: wanted, instanceType } = config.cluster
  const template = launchTemplate(stack, config)
  return new eks.CfnNodegroup(stack, 'Nodes', {
    clusterName: cluster.clusterName,
    nodeRole: nodeRole(stack).roleArn,
    subnets: vpc.privateSubnets.map(({ subnetId }) => subnetId),
    amiType: 'AL2023_x86_64_STANDARD',
    capacityType: 'ON_DEMAND',
    instanceTypes: [instanceType],
    scalingConfig: { minSize: wanted.min, desiredSize: wanted.min, maxSize: wanted.max },
    updateConfig: { maxUnavailable: 1 },
    nodeRepairConfig: { enabled: true },
    launchTemplate: { id: template.ref, version: template.attrLatestVersionNumber },
  })
}

/** Pods cannot ask for the machine's own rights: the answer to a token request does not travel the hop to them. */
function launchTemplate(stack: Stack, config: EnvironmentConfig): ec2.CfnLaunchTemplate {
  const key = diskKey(stack, config)
  return new ec2.CfnLaunchTemplate(stack, 'NodeTemplate', {
    launchTemplateName: `${nameOf(config)}-nodes`,
    launchTemplateData: {
      metadataOptions: { httpTokens: 'required', httpPutResponseHopLimit: 1, instanceMetadataTags: 'disabled' },
      monitoring: { enabled: true },
      blockDeviceMappings: [
        {
          deviceName: '/dev/xvda',
          ebs: {
            volumeType: 'gp3',
            volumeSize: config.cluster.diskGigabytes,
            encrypted: true,
            kmsKeyId: key.keyArn,
            deleteOnTermination: true,
          },
        },
      ],
      tagSpecifications: [{ resourceType: 'instance', tags: [{ key: 'Name', value: `${nameOf(config)}-node` }] }],
    },
  })
}

/** Disks are made by a role of Auto Scaling that may not exist yet, so it is named by the way it comes: through EC2. */
function diskKey(stack: Stack, config: EnvironmentConfig): kms.Key {
  const key = ownKey(stack, 'DiskKey', config, `Disks of the nodes of ${config.environment}`)
  key.addToResourcePolicy(
    new iam.PolicyStatement({
      sid: 'Disks',
      principals: [new iam.AnyPrincipal()],
      actions: [
        'kms:Encrypt',
        'kms:Decrypt',
        'kms:ReEncrypt*',
        'kms:GenerateDataKey*',
        'kms:CreateGrant',
        'kms:DescribeKey',
      ],
      resources: ['*'],
      conditions: {
        StringEquals: { 'kms:CallerAccount': Aws.ACCOUNT_ID, 'kms:ViaService': `ec2.${config.region}.amazonaws.com` },
      },
    }),
  )
  return key
}

function nodeRole(stack: Stack): iam.Role {
  const named = (name: string) => iam.ManagedPolicy.fromAwsManagedPolicyName(name)
  return new iam.Role(stack, 'NodeRole', {
    assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com'),
    managedPolicies: [
      named('AmazonEKSWorkerNodePolicy'),
      named('AmazonEC2ContainerRegistryPullOnly'),
      named('AmazonSSMManagedInstanceCore'), // a tunnel to the private API goes through a node, see infra/README.md
    ],
  })
}

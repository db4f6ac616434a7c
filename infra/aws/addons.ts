import type { CfnResource, Stack } from 'aws-cdk-lib'
import * as eks from 'aws-cdk-lib/aws-eks-v2'
import * as iam from 'aws-cdk-lib/aws-iam'
import type * as kms from 'aws-cdk-lib/aws-kms'
import type { EnvironmentConfig } from './config.ts'
import { logGroup } from './logs.ts'
import { podRole } from './pod-roles.ts'
import { nameOf } from './stack.ts'

interface Addon {
  name: string
  configuration?: object
  /** With the AWS managed policy that its vendor asks for. */
  identity?: { id: string; namespace: string; serviceAccount: string; policy: string }
}

/** Before there are nodes: without these none of them becomes ready. */
const FIRST: Addon[] = [
  {
    name: 'vpc-cni',
    // NetworkPolicies are kept by it; addresses in blocks, so that a node holds more pods.
    configuration: { enableNetworkPolicy: 'true', env: { ENABLE_PREFIX_DELEGATION: 'true', WARM_PREFIX_TARGET: '1' } },
    identity: {
      id: 'PodNetwork',
      namespace: 'kube-system',
      serviceAccount: 'aws-node',
      policy: 'AmazonEKS_CNI_Policy',
    },
  },
  { name: 'kube-proxy' },
  { name: 'eks-pod-identity-agent' },
]

/** Container Insights. */
const INSIGHTS: Addon = {
  name: 'amazon-cloudwatch-observability',
  identity: {
    id: 'Insights',
    namespace: 'amazon-cloudwatch',
    serviceAccount: 'cloudwatch-agent',
    policy: 'CloudWatchAgentServerPolicy',
  },
}

/** These run on nodes, and would wait for them in vain. */
const THEN: Addon[] = [
  { name: 'coredns' },
  { name: 'metrics-server' }, // the HorizontalPodAutoscaler asks it
  INSIGHTS,
]

export function addons(
  stack: Stack,
  config: EnvironmentConfig,
  { cluster, nodes, operations }: { cluster: eks.Cluster; nodes: CfnResource; operations: kms.IKey },
): void {
  for (const each of FIRST) nodes.addResourceDependency(addon(stack, cluster, each))
  const groups = ['application', 'dataplane', 'host', 'performance'].map((kind) =>
    logGroup(stack, `Insights${kind}`, `/aws/containerinsights/${nameOf(config)}/${kind}`, { config, key: operations }),
  )
  for (const each of THEN) {
    const made = addon(stack, cluster, each)
    made.addResourceDependency(nodes)
    if (each === INSIGHTS) for (const group of groups) made.addResourceDependency(group)
  }
}

function addon(stack: Stack, cluster: eks.Cluster, { name, configuration, identity }: Addon): eks.CfnAddon {
  const role = identity && podRole(stack, identity.id, cluster, identity)
  if (role) role.addManagedPolicy(iam.ManagedPolicy.fromAwsManagedPolicyName(identity.policy))
  return new eks.CfnAddon(stack, `Addon-${name}`, {
    addonName: name,
    clusterName: cluster.clusterName,
    resolveConflicts: 'OVERWRITE',
    ...(configuration && { configurationValues: JSON.stringify(configuration) }),
    ...(role && { podIdentityAssociations: [{ serviceAccount: identity.serviceAccount, roleArn: role.roleArn }] }),
  })
}

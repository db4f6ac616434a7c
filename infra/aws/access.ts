import { Aws, type Stack } from 'aws-cdk-lib'
import * as eks from 'aws-cdk-lib/aws-eks-v2'
import type * as iam from 'aws-cdk-lib/aws-iam'
import type { EnvironmentConfig } from './config.ts'

const policy = (name: string) => `arn:aws:eks::aws:cluster-access-policy/${name}`

/** Who may do what in Kubernetes: administrators everything, the pipeline what it needs in the one namespace. */
export function access(
  stack: Stack,
  config: EnvironmentConfig,
  { cluster, deployer }: { cluster: eks.Cluster; deployer: iam.IRole },
): void {
  config.cluster.administrators.forEach((name, i) => {
    new eks.CfnAccessEntry(stack, `Administrator${i + 1}`, {
      clusterName: cluster.clusterName,
      principalArn: `arn:${Aws.PARTITION}:iam::${Aws.ACCOUNT_ID}:role/${name}`,
      accessPolicies: [{ policyArn: policy('AmazonEKSClusterAdminPolicy'), accessScope: { type: 'cluster' } }],
    })
  })
  new eks.CfnAccessEntry(stack, 'Deployer', {
    clusterName: cluster.clusterName,
    principalArn: deployer.roleArn,
    kubernetesGroups: ['openhcs:deployers'], // for a RoleBinding on what the policy does not know, such as TargetGroupBindings
    accessPolicies: [
      { policyArn: policy('AmazonEKSEditPolicy'), accessScope: { type: 'namespace', namespaces: ['openhcs'] } },
    ],
  })
}

import type { Stack } from 'aws-cdk-lib'
import * as ec2 from 'aws-cdk-lib/aws-ec2'
import * as eks from 'aws-cdk-lib/aws-eks-v2'
import type * as kms from 'aws-cdk-lib/aws-kms'
import type { EnvironmentConfig } from './config.ts'
import { SERVICE_PORT } from './load-balancer.ts'
import { logGroup } from './logs.ts'
import { ownKey } from './operations-key.ts'
import { nameOf, output } from './stack.ts'

const LOGS = [
  eks.ClusterLoggingTypes.API,
  eks.ClusterLoggingTypes.AUDIT,
  eks.ClusterLoggingTypes.AUTHENTICATOR,
  eks.ClusterLoggingTypes.CONTROLLER_MANAGER,
  eks.ClusterLoggingTypes.SCHEDULER,
]

/** The control plane. Its API is reached from inside the VPC only, and nobody is its administrator by having made it. */
export function cluster(
  stack: Stack,
  config: EnvironmentConfig,
  { vpc, operations }: { vpc: ec2.IVpc; operations: kms.IKey },
): eks.Cluster {
  const logs = logGroup(stack, 'ClusterLogGroup', `/aws/eks/${nameOf(config)}/cluster`, { config, key: operations })
  const made = new eks.Cluster(stack, 'Cluster', {
    clusterName: nameOf(config),
    version: eks.KubernetesVersion.V1_36,
    vpc,
    vpcSubnets: [{ subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS }],
    endpointAccess: eks.EndpointAccess.PRIVATE,
    secretsEncryptionKey: ownKey(stack, 'ClusterKey', config, `Kubernetes secrets of ${config.environment}`),
    clusterLogging: LOGS,
    defaultCapacityType: eks.DefaultCapacityType.NODEGROUP, // see nodes.ts
    defaultCapacity: 0,
    bootstrapClusterCreatorAdminPermissions: false, // see access.ts
    outputConfigCommand: false,
  })
  made.node.addDependency(logs)
  const resource = made.node.defaultChild as eks.CfnCluster
  resource.upgradePolicy = { supportType: 'STANDARD' } // or a forgotten version would cost six times as much
  resource.zonalShiftConfig = { enabled: true }
  resource.deletionProtection = !config.ephemeral
  output(stack, 'ClusterName', made.clusterName, 'For aws eks update-kubeconfig')
  return made
}

/** The rules between the nodes and what they speak to: each a port, from one group of machines to another. */
export function connect(
  stack: Stack,
  { clusterSecurityGroupId }: eks.Cluster,
  others: Record<'balancer' | 'database', ec2.ISecurityGroup> & { proxy: ec2.ISecurityGroup | undefined },
): void {
  const rule = (id: string, from: string, to: string, port: number, description: string) =>
    new ec2.CfnSecurityGroupIngress(stack, id, {
      groupId: to,
      sourceSecurityGroupId: from,
      ipProtocol: 'tcp',
      fromPort: port,
      toPort: port,
      description,
    })
  rule('BalancerToPods', others.balancer.securityGroupId, clusterSecurityGroupId, SERVICE_PORT, 'Load balancer to pods')
  rule('NodesToDatabase', clusterSecurityGroupId, others.database.securityGroupId, 5432, 'Pods to PostgreSQL')
  if (others.proxy)
    rule('NodesToProxy', clusterSecurityGroupId, others.proxy.securityGroupId, 5432, 'Pods to RDS Proxy')
}

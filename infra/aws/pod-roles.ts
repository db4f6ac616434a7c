import { Aws, Stack } from 'aws-cdk-lib'
import * as eks from 'aws-cdk-lib/aws-eks-v2'
import type { CfnTargetGroup } from 'aws-cdk-lib/aws-elasticloadbalancingv2'
import * as iam from 'aws-cdk-lib/aws-iam'
import type * as kms from 'aws-cdk-lib/aws-kms'
import type { IBucket } from 'aws-cdk-lib/aws-s3'

/** Who a pod is in Kubernetes. */
export interface ServiceAccount {
  namespace: string
  serviceAccount: string
}

/** A role that only pods of one service account of this cluster can take (EKS Pod Identity sends these as session tags). */
export function podRole(
  stack: Stack,
  id: string,
  cluster: eks.Cluster,
  { namespace, serviceAccount }: ServiceAccount,
): iam.Role {
  const principal = new iam.ServicePrincipal('pods.eks.amazonaws.com', {
    conditions: {
      StringEquals: {
        'aws:RequestTag/eks-cluster-arn': cluster.clusterArn,
        'aws:RequestTag/kubernetes-namespace': namespace,
        'aws:RequestTag/kubernetes-service-account': serviceAccount,
      },
    },
  })
  return new iam.Role(stack, `${id}Role`, { assumedBy: new iam.SessionTagsPrincipal(principal) })
}

const allow = (actions: string[], resources: string[], conditions?: iam.Conditions) =>
  new iam.PolicyStatement({ actions, resources, ...(conditions && { conditions }) })

/** The pods that ask AWS for something, and exactly what. */
export function podRoles(
  stack: Stack,
  cluster: eks.Cluster,
  things: {
    files: IBucket
    filesKey: kms.IKey
    secret: string
    secretKey: kms.IKey
    targetGroups: CfnTargetGroup[]
  },
): void {
  const grant = (id: string, account: ServiceAccount, statements: iam.PolicyStatement[]) => {
    const role = podRole(stack, id, cluster, account)
    new iam.ManagedPolicy(stack, `${id}Policy`, { roles: [role], statements })
    new eks.CfnPodIdentityAssociation(stack, `${id}Association`, {
      clusterName: cluster.clusterName,
      roleArn: role.roleArn,
      ...account,
    })
  }
  grant('Service', { namespace: 'openhcs', serviceAccount: 'openhcs' }, files(things.files, things.filesKey))
  grant('ExternalSecrets', { namespace: 'external-secrets', serviceAccount: 'external-secrets' }, [
    allow(['secretsmanager:GetSecretValue', 'secretsmanager:DescribeSecret'], [things.secret]),
    allow(['kms:Decrypt'], [things.secretKey.keyArn]),
  ])
  grant(
    'TargetBinding',
    { namespace: 'kube-system', serviceAccount: 'aws-load-balancer-controller' },
    targets(things.targetGroups),
  )
  grant('Autoscaler', { namespace: 'kube-system', serviceAccount: 'cluster-autoscaler' }, scaling(cluster.clusterName))
}

/** A bucket of somebody else by the same name, once ours is deleted, is given nothing. To list tells a lost object from a forbidden one. */
const files = (bucket: IBucket, key: kms.IKey) => {
  const ours = { StringEquals: { 'aws:ResourceAccount': Aws.ACCOUNT_ID } }
  const byStore = { StringEquals: { 'kms:ViaService': `s3.${Stack.of(bucket).region}.amazonaws.com` } }
  return [
    allow(['s3:ListBucket'], [bucket.bucketArn], ours),
    allow(['s3:GetObject', 's3:PutObject', 's3:DeleteObject'], [bucket.arnForObjects('*')], ours),
    allow(['kms:Decrypt', 'kms:GenerateDataKey'], [key.keyArn], byStore),
  ]
}

/** All that a TargetGroupBinding needs: the load balancer and its rules are made here and not in the cluster. */
const targets = (groups: CfnTargetGroup[]) => [
  allow(
    [
      'ec2:DescribeAvailabilityZones',
      'ec2:DescribeInstances',
      'ec2:DescribeNetworkInterfaces',
      'ec2:DescribeSecurityGroups',
      'ec2:DescribeSubnets',
      'ec2:DescribeVpcs',
      'elasticloadbalancing:DescribeTargetGroups',
      'elasticloadbalancing:DescribeTargetHealth',
    ],
    ['*'],
  ),
  allow(
    ['elasticloadbalancing:RegisterTargets', 'elasticloadbalancing:DeregisterTargets'],
    groups.map(({ ref }) => ref),
  ),
]

const scaling = (clusterName: string) => [
  allow(
    [
      'autoscaling:DescribeAutoScalingGroups',
      'autoscaling:DescribeAutoScalingInstances',
      'autoscaling:DescribeLaunchConfigurations',
      'autoscaling:DescribeScalingActivities',
      'autoscaling:DescribeTags',
      'ec2:DescribeImages',
      'ec2:DescribeInstanceTypes',
      'ec2:DescribeLaunchTemplateVersions',
      'ec2:GetInstanceTypesFromInstanceRequirements',
      'eks:DescribeNodegroup',
    ],
    ['*'],
  ),
  allow(['autoscaling:SetDesiredCapacity', 'autoscaling:TerminateInstanceInAutoScalingGroup'], ['*'], {
    StringEquals: { 'aws:ResourceTag/eks:cluster-name': clusterName },
  }),
]

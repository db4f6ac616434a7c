import { at, listAt, resources } from '../template.ts'
import { each, type Invariant } from './invariant.ts'

const cluster = each('the cluster is private, logged and encrypted', ['AWS::EKS::Cluster'], ({ properties }) => [
  properties.Version !== '1.36' && 'is not Kubernetes 1.36',
  at(properties, 'ResourcesVpcConfig', 'EndpointPublicAccess') !== false && 'is reached from the internet',
  at(properties, 'ResourcesVpcConfig', 'EndpointPrivateAccess') !== true && 'is not reached from inside',
  listAt(properties, 'Logging', 'ClusterLogging', 'EnabledTypes').length !== 5 && 'does not write all its logs',
  !at(properties, 'EncryptionConfig', 0, 'Provider', 'KeyArn') && 'keeps secrets without a key of ours',
  at(properties, 'AccessConfig', 'AuthenticationMode') !== 'API' && 'has access outside of access entries',
  at(properties, 'AccessConfig', 'BootstrapClusterCreatorAdminPermissions') !== false && 'is owned by who made it',
])

const nodes = each('nodes are in the private subnets', ['AWS::EKS::Nodegroup'], ({ properties }) => [
  listAt(properties, 'Subnets').some((subnet) => !String(at(subnet, 'Fn::ImportValue')).includes('private')) &&
    'are elsewhere',
  listAt(properties, 'Subnets').length !== 3 && 'are not in three zones',
])

const machines = each(
  'pods cannot become their machine, and disks are encrypted',
  ['AWS::EC2::LaunchTemplate'],
  (found) => {
    const made = at(found.properties, 'LaunchTemplateData')
    const disks = listAt(made, 'BlockDeviceMappings')
    return [
      at(made, 'MetadataOptions', 'HttpTokens') !== 'required' && 'answers without a token',
      at(made, 'MetadataOptions', 'HttpPutResponseHopLimit') !== 1 && 'answers pods',
      (disks.length === 0 || disks.some((disk) => at(disk, 'Ebs', 'Encrypted') !== true)) && 'has an open disk',
    ]
  },
)

/** Without them a NetworkPolicy is not kept, an HPA is blind, and pods have no rights. */
const ADDONS = ['vpc-cni', 'eks-pod-identity-agent', 'coredns', 'metrics-server', 'amazon-cloudwatch-observability']
const addons: Invariant = {
  name: 'the cluster has what the service relies on',
  problems(templates) {
    const there = resources(templates, 'AWS::EKS::Addon')
    const network = there.find(({ properties }) => properties.AddonName === 'vpc-cni')
    return [
      ...ADDONS.filter((name) => !there.some(({ properties }) => properties.AddonName === name)).map(
        (name) => `cluster: the add-on ${name} is missing`,
      ),
      ...(String(network?.properties.ConfigurationValues).includes('"enableNetworkPolicy":"true"')
        ? []
        : ['cluster: NetworkPolicies would not be kept']),
    ]
  },
}

const alarms = each(
  'every alarm tells somebody, and what to do',
  ['AWS::CloudWatch::CompositeAlarm'],
  ({ properties }) => [
    listAt(properties, 'AlarmActions').length === 0 && 'tells nobody',
    !/docs\/runbooks\/[a-z-]+\.md$/.test(String(properties.AlarmDescription)) && 'names no run book',
  ],
)

/** What the release reads. */
const OUTPUTS = [
  'ClusterName',
  'ListenerArn',
  'PreviewRuleArn',
  'BlueTargetGroupArn',
  'GreenTargetGroupArn',
  'DatabaseSecretArn',
  'FilesBucketName',
]
const outputs: Invariant = {
  name: 'the release finds what it needs',
  problems(templates) {
    const there = Object.values(templates).flatMap(({ Outputs = {} }) => Object.keys(Outputs))
    return OUTPUTS.filter((name) => !there.includes(name)).map((name) => `the output ${name} is missing`)
  },
}

const plain: Invariant = {
  name: 'a template is all there is: no code, no macros, nothing that runs while it is deployed',
  problems: (templates) =>
    Object.entries(templates).flatMap(([stack, { Resources }]) =>
      Object.entries(Resources)
        .filter(([, { Type }]) => /^(Custom::|AWS::(CDK|Lambda|CloudFormation)::)/.test(Type))
        .map(([id, { Type }]) => `${stack}/${id}: is a ${Type}`),
    ),
}

export const clusterInvariants: Invariant[] = [cluster, nodes, machines, addons, alarms, outputs, plain]

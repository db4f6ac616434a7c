import { at, type Found, listAt, type Properties, resources } from '../template.ts'
import { each, type Invariant } from './invariant.ts'

const world = (rule: unknown) => at(rule, 'CidrIp') === '0.0.0.0/0' || at(rule, 'CidrIpv6') === '::/0'
const only = (rule: unknown, port: number) =>
  at(rule, 'IpProtocol') === 'tcp' && at(rule, 'FromPort') === port && at(rule, 'ToPort') === port

const doors: Invariant = {
  name: 'only 443 is open to the world',
  problems: (templates) =>
    [
      ...resources(templates, 'AWS::EC2::SecurityGroup').flatMap(({ where, properties }) =>
        listAt(properties, 'SecurityGroupIngress').map((rule) => ({ where, rule })),
      ),
      ...resources(templates, 'AWS::EC2::SecurityGroupIngress').map(({ where, properties }) => ({
        where,
        rule: properties,
      })),
    ].flatMap(({ where, rule }) => {
      if (world(rule) && !only(rule, 443)) return [`${where}: open to the world, and not on 443 alone`]
      if (at(rule, 'FromPort') !== at(rule, 'ToPort') || at(rule, 'IpProtocol') !== 'tcp')
        return [`${where}: opens more than one port`]
      return []
    }),
}

const subnets: Invariant = {
  name: 'three kinds of subnets in three zones',
  problems(templates, { zones }) {
    const all = resources(templates, 'AWS::EC2::Subnet')
    const missing = ['public', 'private', 'isolated'].flatMap((kind) =>
      zones.filter(
        (zone) => !all.some((each) => each.where.includes(kind) && each.properties.AvailabilityZone === zone),
      ),
    )
    return [
      ...missing.map((zone) => `network: a subnet is missing in ${zone}`),
      ...all
        .filter(({ properties }) => properties.MapPublicIpOnLaunch !== false)
        .map(({ where }) => `${where}: gives out public addresses`),
    ]
  },
}

const waysOut: Invariant = {
  name: 'the isolated subnets have no way out, the private ones only by NAT',
  problems: (templates) =>
    resources(templates, 'AWS::EC2::Route').flatMap(({ where, properties }) => {
      const table = String(at(properties, 'RouteTableId', 'Ref'))
      const kind = table.startsWith('Vpcpublic')
        ? 'GatewayId'
        : table.startsWith('Vpcprivate')
          ? 'NatGatewayId'
          : 'none'
      return properties[kind] ? [] : [`${where}: a way out of ${table}`]
    }),
}

const nat: Invariant = {
  name: 'NAT in as many zones as the configuration says, each with an elastic IP',
  problems(templates, { network, zones }) {
    const gateways = resources(templates, 'AWS::EC2::NatGateway')
    const wanted = network.natPerZone ? zones.length : 1
    return [
      ...(gateways.length === wanted ? [] : [`network: ${gateways.length} NAT gateways instead of ${wanted}`]),
      ...gateways
        .filter(({ properties }) => !at(properties, 'AllocationId', 'Fn::GetAtt', 0))
        .map(({ where }) => `${where}: has no elastic IP`),
    ]
  },
}

/** Of the group that every VPC has, which lets everything through. */
const GROUPS: Record<string, (string | number)[]> = {
  'AWS::RDS::DBCluster': ['VpcSecurityGroupIds'],
  'AWS::ElasticLoadBalancingV2::LoadBalancer': ['SecurityGroups'],
  'AWS::EKS::Cluster': ['ResourcesVpcConfig', 'SecurityGroupIds'],
}

const defaultGroup: Invariant = {
  name: 'nothing is in the default security group',
  problems: (templates) =>
    Object.entries(GROUPS).flatMap(([type, path]) =>
      resources(templates, type)
        .filter(({ properties }) => listAt(properties, ...path).length === 0)
        .map(({ where }) => `${where}: names no security group`),
    ),
}

const store: Invariant = {
  name: 'the store of uploads is reached without the internet',
  problems(templates) {
    const tables = resources(templates, 'AWS::EC2::VPCEndpoint')
      .filter(({ properties }) => properties.VpcEndpointType === 'Gateway' && /\.s3\b/.test(serviceOf(properties)))
      .flatMap(({ properties }) => listAt(properties, 'RouteTableIds').map((table) => String(at(table, 'Ref'))))
    const isPrivate = ({ where }: Found) => where.startsWith('network/Vpcprivate')
    return resources(templates, 'AWS::EC2::RouteTable')
      .filter(isPrivate)
      .filter(({ where }) => !tables.includes(where.slice('network/'.length)))
      .map(({ where }) => `${where}: leads to S3 by the internet`)
  },
}

const serviceOf = ({ ServiceName }: Properties) => JSON.stringify(ServiceName ?? '').replaceAll('"', '')

export const networkInvariants: Invariant[] = [
  doors,
  subnets,
  waysOut,
  nat,
  defaultGroup,
  store,
  each('traffic is recorded', ['AWS::EC2::FlowLog'], ({ properties }) => [
    properties.TrafficType !== 'ALL' && 'records not all traffic',
  ]),
  each('endpoints are for the VPC alone', ['AWS::EC2::VPCEndpoint'], ({ properties }) => [
    properties.VpcEndpointType === 'Interface' &&
      listAt(properties, 'SecurityGroupIds').length === 0 &&
      'names no security group',
  ]),
]

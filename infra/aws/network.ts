import type { Stack } from 'aws-cdk-lib'
import * as ec2 from 'aws-cdk-lib/aws-ec2'
import * as iam from 'aws-cdk-lib/aws-iam'
import type * as kms from 'aws-cdk-lib/aws-kms'
import type { EnvironmentConfig } from './config.ts'
import { logGroup } from './logs.ts'
import { nameOf } from './stack.ts'

/**
 * Three kinds of subnets in each of three zones: public for the load balancer and NAT, private for the nodes, isolated
 * for the database, which has no way out at all. Internet gateway, elastic IPs and route tables come with them.
 */
export function network(stack: Stack, config: EnvironmentConfig): ec2.IVpc {
  const vpc = new ec2.Vpc(stack, 'Vpc', {
    vpcName: nameOf(config),
    availabilityZones: [...config.zones],
    ipAddresses: ec2.IpAddresses.cidr(config.network.cidr),
    natGateways: config.network.natPerZone ? config.zones.length : 1,
    restrictDefaultSecurityGroup: false, // would take a Lambda function; infra/README.md closes it by one command
    subnetConfiguration: [
      { name: 'public', subnetType: ec2.SubnetType.PUBLIC, cidrMask: 22, mapPublicIpOnLaunch: false },
      { name: 'private', subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS, cidrMask: 19 }, // each pod takes an address
      { name: 'isolated', subnetType: ec2.SubnetType.PRIVATE_ISOLATED, cidrMask: 24 },
    ],
  })
  return vpc as ec2.IVpc // which it is, but for exactOptionalPropertyTypes, which the CDK does not know
}

/** Who spoke to whom, refused or not. */
export function flowLogs(stack: Stack, config: EnvironmentConfig, vpc: ec2.IVpc, key: kms.IKey): void {
  const group = logGroup(stack, 'FlowLogGroup', `/openhcs/${config.environment}/vpc-flow`, { config, key })
  const role = new iam.Role(stack, 'FlowLogRole', {
    assumedBy: new iam.ServicePrincipal('vpc-flow-logs.amazonaws.com'),
  })
  new iam.ManagedPolicy(stack, 'FlowLogPolicy', {
    roles: [role],
    statements: [
      new iam.PolicyStatement({
        actions: ['logs:CreateLogStream', 'logs:PutLogEvents', 'logs:DescribeLogStreams'],
        resources: [group.attrArn],
      }),
    ],
  })
  new ec2.CfnFlowLog(stack, 'FlowLog', {
    resourceId: vpc.vpcId,
    resourceType: 'VPC',
    trafficType: 'ALL',
    logDestinationType: 'cloud-watch-logs',
    logGroupName: group.ref,
    deliverLogsPermissionArn: role.roleArn,
  })
}

/** AWS's own services, reached without the internet: S3 for nothing, others at a price each, so the configuration picks. */
export function endpoints(stack: Stack, config: EnvironmentConfig, vpc: ec2.IVpc): void {
  vpc.addGatewayEndpoint('S3Endpoint', { service: ec2.GatewayVpcEndpointAwsService.S3 })
  const securityGroup = new ec2.SecurityGroup(stack, 'EndpointSecurityGroup', {
    vpc,
    description: 'AWS services, from inside the VPC',
    allowAllOutbound: false,
  })
  securityGroup.addIngressRule(ec2.Peer.ipv4(config.network.cidr), ec2.Port.tcp(443), 'HTTPS from the VPC')
  for (const name of config.network.endpoints)
    vpc.addInterfaceEndpoint(`${name.replaceAll(/[^a-z0-9]/g, '-')}-endpoint`, {
      service: new ec2.InterfaceVpcEndpointAwsService(name),
      securityGroups: [securityGroup],
      subnets: { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS },
      open: false,
    })
}

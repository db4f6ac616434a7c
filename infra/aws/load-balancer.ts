import type { Stack } from 'aws-cdk-lib'
import * as ec2 from 'aws-cdk-lib/aws-ec2'
import * as elb from 'aws-cdk-lib/aws-elasticloadbalancingv2'
import type * as s3 from 'aws-cdk-lib/aws-s3'
import type { EnvironmentConfig } from './config.ts'
import { nameOf } from './stack.ts'

/** Where the image listens. */
export const SERVICE_PORT = 8080

/** The one door to the internet. It speaks HTTPS on 443 and nothing else: not even a redirect from 80. */
export function loadBalancer(
  stack: Stack,
  config: EnvironmentConfig,
  { vpc, accessLogs }: { vpc: ec2.IVpc; accessLogs: s3.IBucket },
): elb.ApplicationLoadBalancer {
  const securityGroup = new ec2.SecurityGroup(stack, 'LoadBalancerSecurityGroup', {
    vpc,
    description: 'HTTPS from anywhere, to the pods alone',
    allowAllOutbound: false,
  })
  securityGroup.addIngressRule(ec2.Peer.anyIpv4(), ec2.Port.tcp(443), 'HTTPS')
  securityGroup.addEgressRule(ec2.Peer.ipv4(config.network.cidr), ec2.Port.tcp(SERVICE_PORT), 'Pods')
  const balancer = new elb.ApplicationLoadBalancer(stack, 'LoadBalancer', {
    loadBalancerName: nameOf(config), // the pipeline's rights name it
    vpc,
    vpcSubnets: { subnetType: ec2.SubnetType.PUBLIC },
    internetFacing: true,
    securityGroup,
    deletionProtection: !config.ephemeral,
    dropInvalidHeaderFields: true,
    desyncMitigationMode: elb.DesyncMitigationMode.STRICTEST,
  })
  balancer.logAccessLogs(accessLogs, 'alb')
  return balancer
}

export interface Colours {
  blue: elb.CfnTargetGroup
  green: elb.CfnTargetGroup
}

/** Pods of either colour, by their own addresses; a TargetGroupBinding in the cluster enters and removes them. */
export function colours(stack: Stack, config: EnvironmentConfig, vpc: ec2.IVpc): Colours {
  const group = (colour: string) =>
    new elb.CfnTargetGroup(stack, `${colour}TargetGroup`, {
      name: `${nameOf(config)}-${colour.toLowerCase()}`,
      vpcId: vpc.vpcId,
      targetType: 'ip',
      protocol: 'HTTP',
      port: SERVICE_PORT,
      healthCheckPath: '/readyz',
      healthCheckIntervalSeconds: 10,
      healthCheckTimeoutSeconds: 5,
      healthyThresholdCount: 2,
      unhealthyThresholdCount: 2,
      matcher: { httpCode: '200' },
      targetGroupAttributes: [
        { key: 'deregistration_delay.timeout_seconds', value: '30' }, // the service itself drains for 20
        { key: 'load_balancing.algorithm.type', value: 'least_outstanding_requests' },
      ],
    })
  return { blue: group('Blue'), green: group('Green') }
}

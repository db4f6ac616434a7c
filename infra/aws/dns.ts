import type { Stack } from 'aws-cdk-lib'
import * as acm from 'aws-cdk-lib/aws-certificatemanager'
import type { ApplicationLoadBalancer } from 'aws-cdk-lib/aws-elasticloadbalancingv2'
import * as route53 from 'aws-cdk-lib/aws-route53'
import type { EnvironmentConfig } from './config.ts'
import { output } from './stack.ts'

/** For the API and its preview; Amazon proves by DNS that the names are ours, and renews by itself. */
export function certificate(stack: Stack, { domain }: EnvironmentConfig): acm.CfnCertificate {
  const names = [domain.name, `preview.${domain.name}`]
  return new acm.CfnCertificate(stack, 'Certificate', {
    domainName: domain.name,
    subjectAlternativeNames: names.slice(1),
    validationMethod: 'DNS',
    domainValidationOptions: names.map((domainName) => ({ domainName, hostedZoneId: domain.zoneId })),
  })
}

/**
 * The names. The first is a weighted record with a health check that asks from outside, so that a second region is one
 * more record of the same name and takes over when this one does not answer.
 */
export function records(stack: Stack, { domain, region }: EnvironmentConfig, balancer: ApplicationLoadBalancer): void {
  const aliasTarget = {
    dnsName: balancer.loadBalancerDnsName,
    hostedZoneId: balancer.loadBalancerCanonicalHostedZoneId,
    evaluateTargetHealth: true,
  }
  const healthCheck = new route53.CfnHealthCheck(stack, 'HealthCheck', {
    healthCheckConfig: {
      type: 'HTTPS',
      fullyQualifiedDomainName: domain.name,
      port: 443,
      resourcePath: '/livez',
      enableSni: true,
      requestInterval: 30,
      failureThreshold: 3,
    },
    healthCheckTags: [{ key: 'Name', value: domain.name }],
  })
  output(stack, 'HealthCheckId', healthCheck.attrHealthCheckId, 'For the stack outside, which watches it')
  new route53.CfnRecordSet(stack, 'ApiRecord', {
    hostedZoneId: domain.zoneId,
    name: domain.name,
    type: 'A',
    aliasTarget,
    setIdentifier: region,
    weight: 100,
    healthCheckId: healthCheck.attrHealthCheckId,
  })
  new route53.CfnRecordSet(stack, 'PreviewRecord', {
    hostedZoneId: domain.zoneId,
    name: `preview.${domain.name}`,
    type: 'A',
    aliasTarget,
  })
}

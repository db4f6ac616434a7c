import type { Stack } from 'aws-cdk-lib'
import type { ApplicationLoadBalancer } from 'aws-cdk-lib/aws-elasticloadbalancingv2'
import type * as kms from 'aws-cdk-lib/aws-kms'
import * as wafv2 from 'aws-cdk-lib/aws-wafv2'
import type { EnvironmentConfig } from './config.ts'
import { logGroup } from './logs.ts'
import { nameOf } from './stack.ts'

/** AWS's own rules, in the order in which they are asked, and those of them that only count because they refuse what is ours. */
const MANAGED: [name: string, counted: string[]][] = [
  ['AWSManagedRulesAmazonIpReputationList', []],
  // Uploads of licences and photos are larger than its 8 kB; the service has limits of its own for each path.
  ['AWSManagedRulesCommonRuleSet', ['SizeRestrictions_BODY']],
  ['AWSManagedRulesKnownBadInputsRuleSet', []],
  ['AWSManagedRulesSQLiRuleSet', []],
]

/** Before the load balancer: refuses what looks like an attack, and whoever asks too often. */
export function firewall(
  stack: Stack,
  config: EnvironmentConfig,
  { balancer, operations }: { balancer: ApplicationLoadBalancer; operations: kms.IKey },
): wafv2.CfnWebACL {
  const acl = new wafv2.CfnWebACL(stack, 'Firewall', {
    name: nameOf(config),
    scope: 'REGIONAL',
    defaultAction: { allow: {} },
    visibilityConfig: seen(nameOf(config)), // by which its alarm knows it
    rules: [tooOften(config.requestsPerAddress), ...MANAGED.map(managed)],
  })
  new wafv2.CfnWebACLAssociation(stack, 'FirewallAssociation', {
    resourceArn: balancer.loadBalancerArn,
    webAclArn: acl.attrArn,
  })
  const group = logGroup(stack, 'FirewallLogGroup', `aws-waf-logs-${nameOf(config)}`, { config, key: operations })
  new wafv2.CfnLoggingConfiguration(stack, 'FirewallLogging', {
    resourceArn: acl.attrArn,
    logDestinationConfigs: [group.attrArn],
    redactedFields: ['authorization', 'cookie'].map((name) => ({ singleHeader: { Name: name } })),
    // What is let through is in the access log already.
    loggingFilter: {
      DefaultBehavior: 'DROP',
      Filters: [
        {
          Behavior: 'KEEP',
          Requirement: 'MEETS_ANY',
          Conditions: [{ ActionCondition: { Action: 'BLOCK' } }, { ActionCondition: { Action: 'COUNT' } }],
        },
      ],
    },
  })
  return acl
}

const seen = (metricName: string) => ({ metricName, cloudWatchMetricsEnabled: true, sampledRequestsEnabled: true })

/** In five minutes, which is WAF's window. */
const tooOften = (limit: number): wafv2.CfnWebACL.RuleProperty => ({
  name: 'too-often',
  priority: 0,
  action: { block: { customResponse: { responseCode: 429 } } },
  statement: { rateBasedStatement: { limit, aggregateKeyType: 'IP' } },
  visibilityConfig: seen('too-often'),
})

function managed([name, counted]: [string, string[]], i: number): wafv2.CfnWebACL.RuleProperty {
  return {
    name,
    priority: i + 1,
    overrideAction: { none: {} },
    statement: {
      managedRuleGroupStatement: {
        vendorName: 'AWS',
        name,
        ruleActionOverrides: counted.map((rule) => ({ name: rule, actionToUse: { count: {} } })),
      },
    },
    visibilityConfig: seen(name),
  }
}

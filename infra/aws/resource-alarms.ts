import { Duration } from 'aws-cdk-lib'
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch'
import { alarm, anyOf, type Condition, metric, type Watch } from './alarm.ts'
import { nameOf } from './stack.ts'

export interface Watched {
  /** The last part of their ARNs, as CloudWatch knows them. */
  balancer: string
  targetGroups: string[]
  certificateArn: string
  natGateways: string[]
}

/** The machines below the service. Each alarm is an any-of: the runbook tells the causes apart. */
export function resourceAlarms(watch: Watch, watched: Watched): void {
  const tell = (id: string, runbook: string, conditions: Condition[]) =>
    alarm(watch, id, runbook, anyOf(watch, conditions))
  tell('NoHealthyTarget', 'cloudwatch-no-healthy-target', [noHealthyTarget(watched)])
  tell('DatabaseStrained', 'cloudwatch-database-strained', [
    ...database(watch, nameOf(watch.config), ''),
    ...(watch.config.jobsDatabase ? database(watch, `${nameOf(watch.config)}-jobs`, 'OfJobs') : []),
  ])
  tell('NodesStrained', 'cloudwatch-nodes-strained', nodes(watch))
  tell('NetworkStrained', 'cloudwatch-network-strained', network(watched))
  tell('FirewallBlocks', 'cloudwatch-firewall-blocks', [blocked(watch)])
  tell('CertificateExpires', 'cloudwatch-certificate-expires', [
    {
      id: 'Certificate',
      metric: metric(
        'AWS/CertificateManager',
        'DaysToExpiry',
        { CertificateArn: watched.certificateArn },
        'Minimum',
        1440,
      ),
      below: 30, // Amazon renews 60 days before the end, so by then it has failed for a month
    },
  ])
}

/** Over both colours: one of them is idle most of the time, and has none. */
function noHealthyTarget({ balancer, targetGroups }: Watched): Condition {
  const usingMetrics = Object.fromEntries(
    targetGroups.map((TargetGroup, i) => [
      `colour${i + 1}`,
      metric('AWS/ApplicationELB', 'HealthyHostCount', { LoadBalancer: balancer, TargetGroup }, 'Minimum', 1),
    ]),
  )
  const expression = Object.keys(usingMetrics)
    .map((name) => `FILL(${name}, 0)`)
    .join(' + ')
  return {
    id: 'HealthyTargets',
    metric: new cloudwatch.MathExpression({ expression, usingMetrics, label: 'healthy', period: Duration.minutes(1) }),
    below: 1,
    periods: 2,
    silenceIsBad: true,
  }
}

function database({ config }: Watch, cluster: string, which: string): Condition[] {
  const of = (name: string, statistic: string) =>
    metric('AWS/RDS', name, { DBClusterIdentifier: cluster }, statistic, 5)
  const conditions: Condition[] = [
    { id: 'DatabaseCpu', metric: of('CPUUtilization', 'Average'), above: 80, periods: 3 },
    {
      id: 'DatabaseConnections',
      metric: of('DatabaseConnections', 'Maximum'),
      above: config.database.maxConnections * 0.8,
      periods: 3,
    },
    { id: 'DatabaseMemory', metric: of('FreeableMemory', 'Minimum'), below: 1024 ** 3, periods: 3 },
    { id: 'DatabaseReplicaLag', metric: of('AuroraReplicaLagMaximum', 'Maximum'), above: 1_000, periods: 3 },
    // Half of what PostgreSQL has before it stops taking writes: autovacuum does not keep up.
    { id: 'DatabaseTransactionIds', metric: of('MaximumUsedTransactionIDs', 'Maximum'), above: 1_000_000_000 },
  ]
  return conditions.map((one) => ({ ...one, id: `${one.id}${which}` }))
}

function nodes({ config }: Watch): Condition[] {
  const of = (name: string, statistic: string) =>
    metric('ContainerInsights', name, { ClusterName: nameOf(config) }, statistic, 5)
  return [
    { id: 'NodeCpu', metric: of('node_cpu_utilization', 'Average'), above: 85, periods: 3 },
    { id: 'NodeMemory', metric: of('node_memory_utilization', 'Average'), above: 85, periods: 3 },
    { id: 'NodeDisk', metric: of('node_filesystem_utilization', 'Maximum'), above: 80, periods: 3 },
    { id: 'NodeFailed', metric: of('cluster_failed_node_count', 'Maximum'), above: 0, periods: 2 },
  ]
}

const network = ({ natGateways }: Watched): Condition[] =>
  natGateways.map((NatGatewayId, i) => ({
    id: `NatPorts${i + 1}`,
    metric: metric('AWS/NATGateway', 'ErrorPortAllocation', { NatGatewayId }, 'Sum', 5),
    above: 0,
    periods: 3,
  }))

/** Either an attack, or a rule that takes people for one. */
function blocked({ config }: Watch): Condition {
  const dimensions = { WebACL: nameOf(config), Region: config.region, Rule: 'ALL' }
  return {
    id: 'Blocked',
    metric: metric('AWS/WAFV2', 'BlockedRequests', dimensions, 'Sum', 5),
    above: 1_000,
    periods: 3,
  }
}

import { type CloudWatchClient, GetMetricDataCommand, type MetricDataQuery } from '@aws-sdk/client-cloudwatch'
import {
  DescribeListenersCommand,
  DescribeTargetHealthCommand,
  type ElasticLoadBalancingV2Client,
  ModifyListenerCommand,
  ModifyRuleCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { type Colour, colours, type Traffic } from '../platform.ts'

/** Outputs of the stacks; see infra/README.md. */
export interface BalancerSettings {
  listenerArn: string
  previewRuleArn: string
  previewOrigin: string
  origin: string
  targetGroups: Record<Colour, string>
}

export type Balancer = Pick<ElasticLoadBalancingV2Client, 'send'>
export type Metrics = Pick<CloudWatchClient, 'send'>

export async function sharesOf(
  balancer: Balancer,
  { listenerArn, targetGroups }: BalancerSettings,
): Promise<Record<Colour, number>> {
  const { Listeners = [] } = await balancer.send(new DescribeListenersCommand({ ListenerArns: [listenerArn] }))
  const groups = Listeners[0]?.DefaultActions?.[0]?.ForwardConfig?.TargetGroups ?? []
  const weight = (colour: Colour) =>
    groups.find(({ TargetGroupArn }) => TargetGroupArn === targetGroups[colour])?.Weight ?? 0
  return { blue: weight('blue'), green: weight('green') }
}

/** Both groups in one action: the balancer never has a moment without either. */
export async function setShares(
  balancer: Balancer,
  { listenerArn, targetGroups }: BalancerSettings,
  shares: Record<Colour, number>,
): Promise<void> {
  const TargetGroups = colours.map((colour) => ({ TargetGroupArn: targetGroups[colour], Weight: shares[colour] }))
  await balancer.send(
    new ModifyListenerCommand({
      ListenerArn: listenerArn,
      DefaultActions: [{ Type: 'forward', ForwardConfig: { TargetGroups } }],
    }),
  )
}

export async function setPreview(
  balancer: Balancer,
  { previewRuleArn, targetGroups }: BalancerSettings,
  colour: Colour,
): Promise<void> {
  const Actions = [{ Type: 'forward' as const, TargetGroupArn: targetGroups[colour] }]
  await balancer.send(new ModifyRuleCommand({ RuleArn: previewRuleArn, Actions }))
}

/** Undefined when the balancer finds every target healthy. */
export async function unhealthy(
  balancer: Balancer,
  { targetGroups }: BalancerSettings,
  colour: Colour,
): Promise<string | undefined> {
  const { TargetHealthDescriptions: targets = [] } = await balancer.send(
    new DescribeTargetHealthCommand({ TargetGroupArn: targetGroups[colour] }),
  )
  const well = targets.filter(({ TargetHealth }) => TargetHealth?.State === 'healthy').length
  const leaving = targets.filter(({ TargetHealth }) => TargetHealth?.State === 'draining').length
  if (well === 0) return 'the balancer has no healthy target yet'
  return well + leaving < targets.length ? `${well} of ${targets.length - leaving} targets are healthy` : undefined
}

const PERIOD_SECONDS = 60

/** Sums since that time, as CloudWatch has them by now: it is a minute or two behind, so production bakes for longer than that. */
export async function trafficOf(
  metrics: Metrics,
  { listenerArn, targetGroups }: BalancerSettings,
  colour: Colour,
  since: Date,
): Promise<Traffic> {
  const Dimensions = [
    { Name: 'LoadBalancer', Value: /listener\/(app\/[^/]+\/[^/]+)\//.exec(listenerArn)?.[1] ?? '' },
    { Name: 'TargetGroup', Value: /(targetgroup\/.*)$/.exec(targetGroups[colour])?.[1] ?? '' },
  ]
  const query = (Id: string, MetricName: string, Stat: string, of = Dimensions): MetricDataQuery => ({
    Id,
    MetricStat: {
      Metric: { Namespace: 'AWS/ApplicationELB', MetricName, Dimensions: of },
      Period: PERIOD_SECONDS,
      Stat,
    },
  })
  const { MetricDataResults = [] } = await metrics.send(
    new GetMetricDataCommand({
      StartTime: since,
      EndTime: new Date(),
      ScanBy: 'TimestampDescending',
      MetricDataQueries: [
        query('requests', 'RequestCount', 'Sum'),
        query('failed', 'HTTPCode_Target_5XX_Count', 'Sum'),
        query('unconnected', 'TargetConnectionErrorCount', 'Sum'),
        // What no target answered: of both colours, since the balancer does not say whose it was.
        query('unanswered', 'HTTPCode_ELB_5XX_Count', 'Sum', Dimensions.slice(0, 1)),
        query('seconds', 'TargetResponseTime', 'Average'),
      ],
    }),
  )
  const valuesOf = (id: string) => MetricDataResults.find(({ Id }) => Id === id)?.Values ?? []
  const sum = (id: string) => valuesOf(id).reduce((total, value) => total + value, 0)
  return {
    requests: sum('requests'),
    failed: sum('failed') + sum('unconnected') + sum('unanswered'),
    meanMs: (valuesOf('seconds')[0] ?? 0) * 1_000,
  }
}

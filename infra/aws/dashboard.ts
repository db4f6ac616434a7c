import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch'
import { metric, type Watch } from './alarm.ts'
import { failedPercent } from './burn-alarms.ts'
import type { Watched } from './resource-alarms.ts'
import { nameOf } from './stack.ts'

/** One page: what people see, then the colours, then the machines. */
export function dashboard({ stack, config }: Watch, { balancer, targetGroups }: Watched): void {
  const name = nameOf(config)
  const graph = (title: string, ...left: cloudwatch.IMetric[]) =>
    new cloudwatch.GraphWidget({ title, left, width: 8, height: 6 })
  const front = (metricName: string, statistic: string) =>
    metric('AWS/ApplicationELB', metricName, { LoadBalancer: balancer }, statistic, 1)
  const healthy = targetGroups.map((TargetGroup) =>
    metric('AWS/ApplicationELB', 'HealthyHostCount', { LoadBalancer: balancer, TargetGroup }, 'Minimum', 1),
  )
  const rds = (metricName: string, statistic: string) =>
    metric('AWS/RDS', metricName, { DBClusterIdentifier: name }, statistic, 1)
  const insights = (metricName: string) => metric('ContainerInsights', metricName, { ClusterName: name }, 'Average', 1)
  new cloudwatch.Dashboard(stack, 'Dashboard', {
    dashboardName: name,
    widgets: [
      [
        graph('Requests', front('RequestCount', 'Sum')),
        graph('Failed, in a hundred', failedPercent(balancer, 5)),
        graph(
          'Seconds to the answer',
          ...['p50', 'p95', 'p99'].map((statistic) => front('TargetResponseTime', statistic)),
        ),
      ],
      [
        graph('Healthy pods of each colour', ...healthy),
        graph('Database: processor', rds('CPUUtilization', 'Average')),
        graph('Database: connections', rds('DatabaseConnections', 'Maximum')),
      ],
      [
        graph('Database: commit, in ms', rds('CommitLatency', 'Average')),
        graph('Nodes: processor', insights('node_cpu_utilization')),
        graph('Nodes: memory', insights('node_memory_utilization')),
      ],
    ],
  })
}

import { Duration } from 'aws-cdk-lib'
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch'
import { alarm, condition, metric, type Watch } from './alarm.ts'

/**
 * How fast the error budget of 30 days burns, over a long window and a short one that ends the alarm soon after the trouble
 * does. After the Site Reliability Workbook, chapter 5. CloudWatch has no window of three days: there it is each of three
 * days on end.
 */
const BURNS = [
  { speed: 'fast', burn: 14.4, long: { hours: 1, periods: 1 }, short: { hours: 5 / 60, periods: 1 } },
  { speed: 'slow', burn: 6, long: { hours: 6, periods: 1 }, short: { hours: 0.5, periods: 1 } },
  { speed: 'trickle', burn: 1, long: { hours: 24, periods: 3 }, short: { hours: 6, periods: 1 } },
]

/** Twins of the service's own alerts, from what the load balancer sees: they also hear of a service that says nothing. */
export function burnAlarms(watch: Watch, balancer: string): void {
  const { availabilityPercent, latencyPercent, latencySeconds } = watch.config.alerts
  pairs(watch, 'Availability', 'cloudwatch-availability-burn', 100 - availabilityPercent, (minutes) =>
    failedPercent(balancer, minutes),
  )
  pairs(watch, 'Latency', 'cloudwatch-latency-burn', 100 - latencyPercent, (minutes) =>
    slowPercent(balancer, latencySeconds, minutes),
  )
}

function pairs(
  watch: Watch,
  id: string,
  runbook: string,
  budgetPercent: number,
  percentOver: (minutes: number) => cloudwatch.IMetric,
): void {
  for (const { speed, burn, long, short } of BURNS) {
    const name = `${id}${speed[0]?.toUpperCase()}${speed.slice(1)}`
    const above = Number((burn * budgetPercent).toFixed(4))
    const over = (which: string, { hours, periods }: { hours: number; periods: number }) =>
      condition(watch, { id: `${name}${which}`, metric: percentOver(hours * 60), above, periods })
    const rule = cloudwatch.AlarmRule.allOf(over('Long', long), over('Short', short))
    alarm(watch, name, runbook, rule, speed)
  }
}

/** Of a hundred requests. One that found no pod at all is counted by the load balancer alone. */
export function failedPercent(balancer: string, minutes: number): cloudwatch.MathExpression {
  const count = (name: string) => metric('AWS/ApplicationELB', name, { LoadBalancer: balancer }, 'Sum', minutes)
  return new cloudwatch.MathExpression({
    label: 'failed %',
    period: Duration.minutes(minutes),
    expression: '100 * (FILL(service, 0) + FILL(balancer, 0)) / (FILL(requests, 0) + FILL(balancer, 0))',
    usingMetrics: {
      requests: count('RequestCount'),
      service: count('HTTPCode_Target_5XX_Count'),
      balancer: count('HTTPCode_ELB_5XX_Count'),
    },
  })
}

/** Of a hundred answers, those that began later than this: CloudWatch's percentile rank. */
function slowPercent(balancer: string, seconds: number, minutes: number): cloudwatch.Metric {
  return metric('AWS/ApplicationELB', 'TargetResponseTime', { LoadBalancer: balancer }, `PR(${seconds}:)`, minutes)
}

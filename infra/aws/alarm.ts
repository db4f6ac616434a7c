import { Duration, type Stack } from 'aws-cdk-lib'
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch'
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions'
import type { ITopic } from 'aws-cdk-lib/aws-sns'
import type { EnvironmentConfig } from './config.ts'
import { nameOf } from './stack.ts'

/** What alarms are made from: where they stand, and who is told. */
export interface Watch {
  stack: Stack
  config: EnvironmentConfig
  topic: ITopic
}

/** One of the conditions an alarm is made of. It tells nobody by itself. */
export interface Condition {
  id: string
  metric: cloudwatch.IMetric
  above?: number
  below?: number
  /** How many periods, of the metric's own length, it must hold. */
  periods?: number
  /** What no data means; default: all is well. */
  silenceIsBad?: boolean
}

export function metric(
  namespace: string,
  metricName: string,
  dimensionsMap: Record<string, string>,
  statistic: string,
  minutes: number,
): cloudwatch.Metric {
  return new cloudwatch.Metric({ namespace, metricName, dimensionsMap, statistic, period: Duration.minutes(minutes) })
}

export function condition({ stack }: Watch, wanted: Condition): cloudwatch.Alarm {
  const { id, metric: measured, above, below, periods = 1, silenceIsBad } = wanted
  const { GREATER_THAN_THRESHOLD, LESS_THAN_THRESHOLD } = cloudwatch.ComparisonOperator
  const { BREACHING, NOT_BREACHING } = cloudwatch.TreatMissingData
  return new cloudwatch.Alarm(stack, `${id}Condition`, {
    metric: measured,
    threshold: above ?? below ?? 0,
    comparisonOperator: above === undefined ? LESS_THAN_THRESHOLD : GREATER_THAN_THRESHOLD,
    evaluationPeriods: periods,
    datapointsToAlarm: periods,
    treatMissingData: silenceIsBad ? BREACHING : NOT_BREACHING,
  })
}

/** An alarm that people get. It is named after its page in docs/runbooks, with the speed behind it where it has several. */
export function alarm(watch: Watch, id: string, runbook: string, rule: cloudwatch.IAlarmRule, speed = ''): void {
  const name = [nameOf(watch.config), runbook, speed].filter(Boolean).join('-')
  const made = new cloudwatch.CompositeAlarm(watch.stack, id, {
    compositeAlarmName: name,
    alarmDescription: `What to do: docs/runbooks/${runbook}.md`,
    alarmRule: rule,
  })
  const action = new SnsAction(watch.topic)
  made.addAlarmAction(action)
  made.addOkAction(action)
}

/** Any of these is worth the alarm. */
export function anyOf(watch: Watch, conditions: Condition[]): cloudwatch.IAlarmRule {
  return cloudwatch.AlarmRule.anyOf(...conditions.map((each) => condition(watch, each)))
}

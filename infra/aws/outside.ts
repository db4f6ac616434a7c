import { CfnParameter, type Stack } from 'aws-cdk-lib'
import { alarm, anyOf, metric } from './alarm.ts'
import { alarmTopic } from './alarm-topic.ts'
import type { EnvironmentConfig } from './config.ts'
import { operationsKey } from './operations-key.ts'

/** The one region in which Route 53 tells what its health checks see. */
export const OUTSIDE = 'us-east-1'

/** Hears what nothing inside can: a name that does not resolve, a certificate that has ended, a region that is gone. */
export function outside(stack: Stack, inside: EnvironmentConfig): void {
  const config = { ...inside, region: OUTSIDE }
  const healthCheck = new CfnParameter(stack, 'HealthCheckId', {
    description: 'The output of this name of the stack traffic',
  })
  const watch = { stack, config, topic: alarmTopic(stack, config, operationsKey(stack, config)) }
  const rule = anyOf(watch, [
    {
      id: 'Reached',
      metric: metric('AWS/Route53', 'HealthCheckStatus', { HealthCheckId: healthCheck.valueAsString }, 'Minimum', 1),
      below: 1,
      periods: 3,
      silenceIsBad: true,
    },
  ])
  alarm(watch, 'Unreachable', 'cloudwatch-unreachable', rule)
}

import { Aws, type Stack } from 'aws-cdk-lib'
import * as budgets from 'aws-cdk-lib/aws-budgets'
import * as iam from 'aws-cdk-lib/aws-iam'
import type * as kms from 'aws-cdk-lib/aws-kms'
import * as sns from 'aws-cdk-lib/aws-sns'
import type { EnvironmentConfig } from './config.ts'

/** Where every alarm goes, and from there to people. */
export function alarmTopic(stack: Stack, config: EnvironmentConfig, key: kms.IKey): sns.Topic {
  const topic = new sns.Topic(stack, 'AlarmTopic', { masterKey: key, enforceSSL: true })
  topic.addToResourcePolicy(
    new iam.PolicyStatement({
      sid: 'Alarms',
      principals: ['cloudwatch.amazonaws.com', 'budgets.amazonaws.com'].map((name) => new iam.ServicePrincipal(name)),
      actions: ['sns:Publish'],
      resources: [topic.topicArn],
      conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
    }),
  )
  new sns.CfnSubscription(stack, 'AlarmEmail', {
    topicArn: topic.topicArn,
    protocol: 'email',
    endpoint: config.alerts.email,
  })
  return topic
}

/** What the account may cost in a month. An environment has an account of its own, so nothing needs to be told apart. */
export function monthlyBudget(stack: Stack, config: EnvironmentConfig, topic: sns.Topic): void {
  const told = (notificationType: string, threshold: number) => ({
    notification: { notificationType, threshold, comparisonOperator: 'GREATER_THAN', thresholdType: 'PERCENTAGE' },
    subscribers: [{ subscriptionType: 'SNS', address: topic.topicArn }],
  })
  new budgets.CfnBudget(stack, 'MonthlyBudget', {
    budget: {
      budgetType: 'COST',
      timeUnit: 'MONTHLY',
      budgetLimit: { amount: config.alerts.monthlyDollars, unit: 'USD' },
    },
    notificationsWithSubscribers: [told('ACTUAL', 80), told('FORECASTED', 100)],
  })
}

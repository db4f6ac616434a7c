import { setTimeout as sleep } from 'node:timers/promises'
import {
  type CloudFormationClient,
  CreateChangeSetCommand,
  DeleteChangeSetCommand,
  DeleteStackCommand,
  DescribeChangeSetCommand,
  DescribeStacksCommand,
} from '@aws-sdk/client-cloudformation'

/** CloudFormation of a region. */
export type StacksIn = (region: string) => Pick<CloudFormationClient, 'send'>

export interface StackTemplate {
  name: string
  region: string
  template: string
  /** Of the template, by name; an update leaves their values. */
  parameters: readonly string[]
}

type Named = Pick<StackTemplate, 'name' | 'region'>

/** Outputs of an environment's stacks, by name. */
export async function outputsOf(stacksIn: StacksIn, named: readonly Named[]): Promise<Record<string, string>> {
  const all = await Promise.all(named.map((stack) => describe(stacksIn, stack)))
  return Object.fromEntries(
    all.flatMap((stack) =>
      (stack?.Outputs ?? []).map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue]),
    ),
  )
}

async function describe(stacksIn: StacksIn, { name, region }: Named) {
  try {
    return (await stacksIn(region).send(new DescribeStacksCommand({ StackName: name }))).Stacks?.[0]
  } catch (error) {
    if (/does not exist/.test((error as Error).message)) return undefined
    throw error
  }
}

/** What the committed template would change, a line each; nothing is changed. */
export async function differences(stacksIn: StacksIn, stack: StackTemplate, pollMs: number): Promise<string[]> {
  const { name, template, parameters } = stack
  const stacks = stacksIn(stack.region)
  const ChangeSetName = `diff-${Date.now()}`
  const at = { StackName: name, ChangeSetName }
  const present = await describe(stacksIn, stack)
  // What an earlier comparison with nothing has left.
  const exists = present !== undefined && present.StackStatus !== 'REVIEW_IN_PROGRESS'
  await stacks.send(
    new CreateChangeSetCommand({
      ...at,
      TemplateBody: template,
      ChangeSetType: exists ? 'UPDATE' : 'CREATE',
      Capabilities: ['CAPABILITY_IAM'],
      ...(exists && { Parameters: parameters.map((ParameterKey) => ({ ParameterKey, UsePreviousValue: true })) }),
    }),
  )
  try {
    for (;;) {
      const { Status, StatusReason = '', Changes = [] } = await stacks.send(new DescribeChangeSetCommand(at))
      if (Status === 'CREATE_COMPLETE')
        return Changes.map(({ ResourceChange: { Action, LogicalResourceId, ResourceType, Replacement } = {} }) =>
          [name, Action, ResourceType, LogicalResourceId, Replacement === 'True' ? 'REPLACED' : ''].join(' ').trim(),
        )
      if (Status === 'FAILED' && /didn't contain changes|No updates/.test(StatusReason)) return []
      if (Status === 'FAILED') throw new Error(`${name}: ${StatusReason}`)
      await sleep(pollMs)
    }
  } finally {
    await stacks.send(new DeleteChangeSetCommand(at))
  }
}

/**
 * Deletes the stacks of an environment that is no longer wanted, last made first: load balancers, nodes, database and network go with them. Production is
 * refused, whatever is confirmed: its stacks are protected, and whoever means it lifts that by hand first.
 */
export async function destroy(
  stacksIn: StacksIn,
  {
    environment,
    confirmed,
    stacks,
    pollMs,
  }: { environment: string; confirmed: string | undefined; stacks: readonly Named[]; pollMs: number },
): Promise<void> {
  if (environment === 'production') throw new Error('Production is not destroyed by this program.')
  if (confirmed !== environment)
    throw new Error(
      `This deletes everything of '${environment}', its database too. To confirm, add: --confirm ${environment}`,
    )
  for (const stack of [...stacks].reverse()) {
    await stacksIn(stack.region).send(new DeleteStackCommand({ StackName: stack.name }))
    for (;;) {
      const left = await describe(stacksIn, stack)
      if (!left) break
      if (left.StackStatus === 'DELETE_FAILED')
        throw new Error(`${stack.name} could not be deleted: ${left.StackStatusReason ?? 'see its events'}`)
      await sleep(pollMs)
    }
  }
}

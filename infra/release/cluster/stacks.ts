import { setTimeout as sleep } from 'node:timers/promises'
import {
  type CloudFormationClient,
  CreateChangeSetCommand,
  DeleteChangeSetCommand,
  DeleteStackCommand,
  DescribeChangeSetCommand,
  DescribeStacksCommand,
} from '@aws-sdk/client-cloudformation'

export type Stacks = Pick<CloudFormationClient, 'send'>

export interface StackTemplate {
  name: string
  template: string
}

/** Outputs of an environment's stacks, by name. */
export async function outputsOf(stacks: Stacks, names: readonly string[]): Promise<Record<string, string>> {
  const all = await Promise.all(names.map((name) => describe(stacks, name)))
  return Object.fromEntries(
    all.flatMap((stack) =>
      (stack?.Outputs ?? []).map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue]),
    ),
  )
}

async function describe(stacks: Stacks, name: string) {
  try {
    return (await stacks.send(new DescribeStacksCommand({ StackName: name }))).Stacks?.[0]
  } catch (error) {
    if (/does not exist/.test((error as Error).message)) return undefined
    throw error
  }
}

/** What the committed template would change, a line each; nothing is changed. */
export async function differences(
  stacks: Stacks,
  { name, template }: StackTemplate,
  pollMs: number,
): Promise<string[]> {
  const ChangeSetName = `diff-${Date.now()}`
  const at = { StackName: name, ChangeSetName }
  const ChangeSetType = (await describe(stacks, name)) ? 'UPDATE' : 'CREATE'
  await stacks.send(
    new CreateChangeSetCommand({
      ...at,
      TemplateBody: template,
      ChangeSetType,
      Capabilities: ['CAPABILITY_NAMED_IAM'],
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
  stacks: Stacks,
  {
    environment,
    confirmed,
    names,
    pollMs,
  }: { environment: string; confirmed: string | undefined; names: readonly string[]; pollMs: number },
): Promise<void> {
  if (environment === 'production') throw new Error('Production is not destroyed by this program.')
  if (confirmed !== environment)
    throw new Error(
      `This deletes everything of '${environment}', its database too. To confirm, add: --confirm ${environment}`,
    )
  for (const name of [...names].reverse()) {
    await stacks.send(new DeleteStackCommand({ StackName: name }))
    for (;;) {
      const stack = await describe(stacks, name)
      if (!stack) break
      if (stack.StackStatus === 'DELETE_FAILED')
        throw new Error(`${name} could not be deleted: ${stack.StackStatusReason ?? 'see its events'}`)
      await sleep(pollMs)
    }
  }
}

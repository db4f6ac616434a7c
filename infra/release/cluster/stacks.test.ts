import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { destroy, differences, outputsOf, type StacksIn } from './stacks.ts'

interface Command {
  constructor: { name: string }
  input: { StackName: string; ChangeSetType?: string }
}

/** CloudFormation at the seam of its client. */
function fakeStacks(present: Set<string>, changes: object[] | undefined = []) {
  const deleted: string[] = []
  const made: (string | undefined)[] = []
  const answers: Record<string, (input: Command['input']) => object> = {
    DescribeStacksCommand: ({ StackName }) => {
      if (!present.has(StackName)) throw new Error(`Stack with id ${StackName} does not exist`)
      return {
        Stacks: [{ StackStatus: 'CREATE_COMPLETE', Outputs: [{ OutputKey: `Of${StackName}`, OutputValue: 'x' }] }],
      }
    },
    CreateChangeSetCommand: ({ ChangeSetType }) => {
      made.push(ChangeSetType)
      return {}
    },
    DescribeChangeSetCommand: () =>
      changes
        ? { Status: 'CREATE_COMPLETE', Changes: changes }
        : { Status: 'FAILED', StatusReason: "The submitted information didn't contain changes." },
    DeleteChangeSetCommand: () => ({}),
    DeleteStackCommand: ({ StackName }) => {
      present.delete(StackName)
      deleted.push(StackName)
      return {}
    },
  }
  const send = async ({ constructor: { name }, input }: Command) => answers[name]?.(input)
  return { stacks: (() => ({ send })) as unknown as StacksIn, deleted, made }
}

const named = (name: string) => ({ name, region: 'eu-test-1', template: '{}', parameters: [] })

describe('the stacks of an environment', () => {
  it('tell their outputs, where they exist', async () => {
    const { stacks } = fakeStacks(new Set(['Network', 'Cluster']))
    assert.deepEqual(await outputsOf(stacks, ['Network', 'Cluster', 'Absent'].map(named)), {
      OfNetwork: 'x',
      OfCluster: 'x',
    })
  })

  it('are compared without being changed', async () => {
    const change = {
      Action: 'Modify',
      LogicalResourceId: 'Database',
      ResourceType: 'AWS::RDS::DBInstance',
      Replacement: 'True',
    }
    const { stacks, made } = fakeStacks(new Set(['Data']), [{ ResourceChange: change }])
    const lines = await differences(stacks, named('Data'), 1)
    assert.deepEqual(lines, ['Data Modify AWS::RDS::DBInstance Database REPLACED'])
    await differences(stacks, named('New'), 1)
    assert.deepEqual(made, ['UPDATE', 'CREATE'])
    assert.deepEqual(await differences(fakeStacks(new Set(), undefined).stacks, named('Data'), 1), [])
  })

  it('are deleted last made first, and never by mistake', async () => {
    const names = ['Network', 'Cluster', 'Balancer']
    const { stacks, deleted } = fakeStacks(new Set(names))
    const of = (environment: string, confirmed?: string) =>
      destroy(stacks, { environment, confirmed, stacks: names.map(named), pollMs: 1 })
    await assert.rejects(of('production', 'production'), /Production is not destroyed/)
    await assert.rejects(of('review-12'), /--confirm review-12/)
    await assert.rejects(of('review-12', 'staging'), /--confirm review-12/)
    assert.deepEqual(deleted, [])
    await of('review-12', 'review-12')
    assert.deepEqual(deleted, ['Balancer', 'Cluster', 'Network'])
  })
})

import { audit } from '#platform/audit.ts'
import type { Context, TransactionContext } from '#platform/context.ts'
import type { OutputOf } from '#platform/operation.ts'
import { transact } from '#platform/transaction.ts'
import { readDueCareTasks } from '../care-plans/contract/tasks.ts'
import { MOST_ASKED, reach, type Ways, waysOf } from './contacts.ts'
import type { Message } from './queries.ts'
import type { NotificationsTables } from './tables.ts'
import { tell } from './tell.ts'
import type { CareTaskParams } from './words/words.ts'

type Ctx = Context<NotificationsTables>
type Due = OutputOf<typeof readDueCareTasks>['items'][number]

/** Tells who is to do something now that it is time, each account once, and not a word of what it is. */
export async function tellOfCareTasks(ctx: Ctx, { tasks }: { tasks: string[] }): Promise<void> {
  const { items } = await ctx.call(readDueCareTasks, { body: { tasks } })
  const ways = new Map<string, Ways>()
  for (let n = 0; n < items.length; n += MOST_ASKED)
    for (const [account, one] of await waysOf(ctx, accountsOf(items.slice(n, n + MOST_ASKED)))) ways.set(account, one)
  await transact(ctx, async (ctx) => {
    await tell(
      ctx,
      items.map((due) => messageFor(ctx, due, ways.get(due.account))),
    )
    for (const due of items) recordDisclosure(ctx, due)
  })
}

const accountsOf = (items: readonly Due[]) => items.map(({ account }) => account)

/** About one patient it is gone with the mandate or treatment on which it rests; about several it names none. */
function messageFor(ctx: Pick<Ctx, 'config'>, due: Due, ways: Ways | undefined): Message {
  const { account, role, patients, tasks, leaves } = due
  const [patient, ...others] = patients
  const isAbout = role !== 'patient' && patient !== undefined && others.length === 0
  return {
    ...{ account, part: role, subject: isAbout ? patient.id : null, power: isAbout ? 'see-record' : null },
    ...reach(ctx, ways),
    ...(!leaves && { channels: [], reachable: [] }),
    template: `care-task.${role}`,
    params: { tasks } satisfies CareTaskParams,
    resource: `CareTask/${tasks[0]}`,
    concerns: [...new Set(patients.map(({ id }) => id))],
  }
}

/** By what they do each as: of what is their own nothing was told to somebody else. */
function recordDisclosure(ctx: TransactionContext<NotificationsTables>, { account, patients, tasks }: Due): void {
  const reader = { ...ctx, actor: { ...ctx.actor, account } }
  for (const { id, role } of patients)
    if (role !== 'patient')
      audit(reader, {
        ...{ action: 'R', entity: `CareTask/${tasks[0]}`, subject: `Patient/${id}`, reason: 'told' },
        relationship: role === 'caregiver' ? 'mandate' : 'treatment',
      })
}

/** Whether this account still has something of that to do, of which it may be told outside the house: a message may wait for hours. */
export async function isStillDue(ctx: Ctx, account: string, { tasks }: CareTaskParams): Promise<boolean> {
  const { items } = await ctx.call(readDueCareTasks, { body: { tasks: [...tasks] } })
  return items.some((due) => due.account === account && due.leaves)
}

import type { Context } from '#platform/context.ts'
import { addJob } from '#platform/jobs.ts'
import { erasePerson } from '#platform/people.ts'
import type { Person, Trace } from '#platform/person.ts'
import { transact } from '#platform/transaction.ts'
import { readContacts } from '../../identity/contract.ts'
import type { Tables } from '../database.ts'
import {
  advanceErasure,
  type ErasureRow,
  erasure,
  finishErasure,
  otherAccountsOf,
  personBy,
  replacedBy,
} from '../queries/erasures.ts'
import { auditErasure } from './erasures.ts'

type Ctx = Context<Tables>

/** What was under way when it began has ended long before, and left behind what it left. */
const AGAIN_MS = 3_600_000

/** Asks every room to give up its part, and writes the receipt. Interrupted, it begins anew: what is gone already does no harm. */
export async function runErasure(ctx: Ctx, { erasure: id }: { erasure: string }): Promise<void> {
  const row = await transact(ctx, async (ctx) => {
    const row = await advanceErasure(ctx.db, id, 'running', ctx.now())
    if (row) auditErasure(ctx, 'E', row)
    return row
  })
  if (!row) return
  const names = await namesOf(ctx, row)
  // One that was asked for a record without an account takes the record, and not the account that came to it since.
  const others =
    row.patient_id === null || row.account_id === null
      ? []
      : await otherAccountsOf(ctx.db, row.patient_id, row.account_id)
  // First, while the patient's records still tell which they are.
  const receipt: (Trace & { room: string })[] = []
  for (const account of others) receipt.push(...linesOf(await eraseOther(ctx, account, names)))
  receipt.push(...linesOf(await erasePerson(ctx, { ...personOf(row), names })))
  if (others.length > 0) receipt.push({ ...OTHERS, count: others.length })
  await transact(ctx, async (ctx) => {
    await finishErasure(ctx.db, id, [...receipt, AUDIT], ctx.now())
    addJob(ctx, 'erase-again', { erasure: id, others }, { runAt: new Date(ctx.now().getTime() + AGAIN_MS) })
  })
}

const linesOf = (traces: Map<string, Trace[]>) =>
  [...traces].flatMap(([room, list]) => list.map((trace) => ({ room, ...trace })))

/** All of another account of the same person, but for the patient, who is theirs together. */
async function eraseOther(ctx: Ctx, account: string, names: string[]): Promise<Map<string, Trace[]>> {
  const { practitioner, caregiver } = await personBy(ctx.db, { column: 'account_id', value: account })
  const { items } = await ctx.call(readContacts, { body: { accounts: [account] } })
  const own = [practitioner, caregiver, ...items].flatMap((one) => (one ? [one.name] : []))
  return erasePerson(ctx, {
    account,
    ...(practitioner && { practitioner: practitioner.id }),
    ...(caregiver && { caregiver: caregiver.id }),
    names: [...new Set([...own, ...names])],
  })
}

const OTHERS = {
  room: 'ground',
  what: 'other accounts of the same person, whose records had become one',
  outcome: 'erased',
  count: 0,
} satisfies Trace & { room: string }

const AUDIT = {
  room: 'ground',
  what: 'audit: who did what to which record, by numbers; backups, until they are overwritten',
  outcome: 'kept',
  count: 1,
  why: 'Proof of what happened, sealed so that nobody can alter it. It names nobody.',
}

/** A message or an answer that was being written while the first round ran. */
export async function runErasureAgain(
  ctx: Ctx,
  { erasure: id, others = [] }: { erasure: string; others?: string[] },
): Promise<void> {
  const row = await erasure(ctx.db, id)
  if (row?.status !== 'done') return
  for (const account of others) await erasePerson(ctx, { account, names: [] })
  await erasePerson(ctx, { ...personOf(row), names: [] })
}

const personOf = (row: ErasureRow): Omit<Person, 'names'> => ({
  ...(row.account_id !== null && { account: row.account_id }),
  ...(row.patient_id !== null && { patient: row.patient_id }),
  ...(row.practitioner_id !== null && { practitioner: row.practitioner_id }),
  ...(row.caregiver_id !== null && { caregiver: row.caregiver_id }),
})

async function namesOf(ctx: Ctx, { account_id, patient_id, practitioner_id }: ErasureRow): Promise<string[]> {
  const by =
    account_id !== null
      ? ({ column: 'account_id', value: account_id } as const)
      : patient_id !== null
        ? ({ column: 'id', table: 'patient', value: patient_id } as const)
        : ({ column: 'id', table: 'practitioner', value: practitioner_id as string } as const)
  const { patient, practitioner, caregiver } = await personBy(ctx.db, by)
  const { items } = await ctx.call(readContacts, { body: { accounts: account_id === null ? [] : [account_id] } })
  const former = patient ? await replacedBy(ctx.db, patient.id) : []
  return [...new Set([patient, practitioner, caregiver, ...former, ...items].flatMap((one) => (one ? [one.name] : [])))]
}

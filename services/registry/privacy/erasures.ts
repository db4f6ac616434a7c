import type { Static } from 'typebox'
import { audit } from '#platform/audit.ts'
import { accountOf, hashOfToken, newToken } from '#platform/auth.ts'
import type { Context, TransactionContext } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { publish } from '#platform/events.ts'
import { newId } from '#platform/ids.ts'
import { addJob, dropJob } from '#platform/jobs.ts'
import type { InputOf, OutputOf } from '#platform/operation.ts'
import { decodeCursor, pageOf } from '#platform/paging.ts'
import { transact } from '#platform/transaction.ts'
import { isAdministrator, notThere, unless, wrong } from '../caller.ts'
import type * as contract from '../contract/erasures.ts'
import { erasureRequested, type readErasureCard as readErasureCardContract } from '../contract.ts'
import type { Tables } from '../database.ts'
import * as queries from '../queries/erasures.ts'

type Ctx = Context<Tables>
type Tx = TransactionContext<Tables>
type View = OutputOf<typeof contract.listErasures>['items'][number]

const DAY_MS = 86_400_000
/** Nobody else can ask for this reason. */
const OWN_WISH = 'own-wish'
const kinds = ['account', 'patient', 'practitioner', 'caregiver'] as const

/** Until when somebody who hears of it now can call it off. */
export const dueFrom = ({ config, now }: Pick<Ctx, 'config' | 'now'>) =>
  new Date(now().getTime() + config.ERASURE_WAIT_DAYS * DAY_MS)

const toErasure = (row: queries.ErasureRow): View => ({
  id: row.id,
  status: row.status as View['status'],
  reason: row.reason as View['reason'],
  createdAt: row.created_at.toISOString(),
  dueAt: row.due_at.toISOString(),
  of: kinds.filter((kind) => row[`${kind}_id`] !== null),
  askedBy: row.reason === OWN_WISH ? 'self' : 'administrator',
  ...(row.claimed_at !== null && { claimedAt: row.claimed_at.toISOString() }),
  ...(row.confirmed_at !== null && { confirmedAt: row.confirmed_at.toISOString() }),
  ...(row.done_at !== null && { doneAt: row.done_at.toISOString() }),
})

const asked = () => new Problem('duplicate', 'Erasure has been asked for already. Look at it, or call it off.')

/** Of oneself; an administrator may ask for somebody, and must say why. Either way there is time to call it off. */
export async function requestErasure(
  ctx: Ctx,
  given: InputOf<typeof contract.requestErasure>['body'],
): Promise<OutputOf<typeof contract.requestErasure>> {
  const reason = reasonOf(ctx, given)
  const { token: receiptCode, hash: receipt_hash } = newToken()
  const [id, due_at] = [newId(), dueFrom(ctx)]
  return unless('erasure_one_at_a_time', asked, () =>
    transact(ctx, async (ctx) => {
      const of = await personOf(ctx, given)
      const row = { id, ...of, requested_by: accountOf(ctx), reason, receipt_hash, due_at, created_at: ctx.now() }
      const made = await queries.insertErasure(ctx.db, row)
      runWhenDue(ctx, made)
      if (made.account_id !== null) publish(ctx, erasureRequested, { erasure: id, account: made.account_id })
      auditErasure(ctx, 'C', made)
      return { ...toErasure(made), receiptCode }
    }),
  )
}

/**
 * Whose record it is is looked up under a lock: somebody who takes it over at this moment comes before, and is told, or after, and finds this. So
 * with a merge: one that comes after finds this, and is refused; where one came before, this is refused, since whoever asked saw one record.
 */
async function personOf(ctx: Tx, given: Given) {
  const by = whom(ctx, given)
  const before = await recordsOf(ctx, by)
  if (by.column === 'id') await queries.holdRecord(ctx.db, by.table, by.value)
  if (before[0] !== undefined) await queries.holdRecord(ctx.db, 'patient', before[0])
  const { account, patient, practitioner, caregiver } = await queries.personBy(ctx.db, by)
  if ((await recordsOf(ctx, by)).join() !== before.join()) throw joinedMeanwhile()
  if (!isOneself(given) && !patient && !practitioner) throw notThere('person')
  const others = patient ? await queries.otherAccountsOf(ctx.db, patient.id, account ?? null) : []
  for (const one of account === undefined ? others : [account, ...others])
    if (await queries.isLastAdministrator(ctx.db, one))
      throw new Problem('business-rule', 'The last administrator stays. Make somebody else an administrator first.')
  return {
    account_id: account ?? null,
    patient_id: patient?.id ?? null,
    practitioner_id: practitioner?.id ?? null,
    caregiver_id: caregiver?.id ?? null,
  }
}

/** The patient's record that stands, and those that it stands for. */
async function recordsOf({ db }: Tx, by: Parameters<typeof queries.personBy>[1]): Promise<string[]> {
  const { patient } = await queries.personBy(db, by)
  if (!patient) return []
  return [patient.id, ...(await queries.replacedBy(db, patient.id)).map(({ id }) => id).sort()]
}

const joinedMeanwhile = () =>
  new Problem('conflict', 'Two records have just become one, or were parted. Look at what there is now, and ask again.')

export const runWhenDue = (ctx: Tx, { id, due_at }: queries.ErasureRow) =>
  addJob(ctx, 'erase', { erasure: id }, { runAt: due_at, key: `erasure:${id}` })

type Given = InputOf<typeof contract.requestErasure>['body']

const isOneself = ({ patient, practitioner }: Given) => patient === undefined && practitioner === undefined

function reasonOf(ctx: Ctx, given: Given): string {
  if (isOneself(given)) return OWN_WISH
  if (!isAdministrator(ctx)) throw notThere('person')
  if (given.reason === undefined || given.reason === OWN_WISH) throw wrong('/body/reason', 'must say why')
  return given.reason
}

function whom(ctx: Pick<Ctx, 'actor'>, { patient, practitioner }: Given): Parameters<typeof queries.personBy>[1] {
  if (patient !== undefined) return { column: 'id', table: 'patient', value: patient }
  if (practitioner !== undefined) return { column: 'id', table: 'practitioner', value: practitioner }
  return { column: 'account_id', value: accountOf(ctx) }
}

export function auditErasure(
  ctx: Parameters<typeof audit>[0],
  action: 'C' | 'R' | 'U' | 'D' | 'E',
  row: queries.ErasureRow,
): void {
  audit(ctx, { action, entity: `Erasure/${row.id}`, subject: subjectOf(row), reason: row.reason })
}

function subjectOf({ account_id, patient_id, practitioner_id }: queries.ErasureRow): string {
  if (patient_id !== null) return `Patient/${patient_id}`
  return account_id !== null ? `Account/${account_id}` : `Practitioner/${practitioner_id}`
}

/** Of whom it is: the account that was there when it was asked for, or the one that took the record over since. */
const concerns = ({ account_id, claimed_by }: queries.ErasureRow, account: string) =>
  account_id === account || claimed_by === account

export async function listErasures(
  ctx: Ctx,
  { limit = 20, cursor }: Static<typeof contract.listErasures.query>,
): Promise<OutputOf<typeof contract.listErasures>> {
  const before = decodeCursor(cursor, ['uuid'])?.[0] as string | undefined
  const rows = await queries.erasuresOf(ctx.db, accountOf(ctx), before, limit)
  return pageOf(rows, limit, ({ id }) => [id], toErasure)
}

export function cancelErasure(ctx: Ctx, id: string): Promise<void> {
  return transact(ctx, async (ctx) => {
    const row = await queries.erasure(ctx.db, id)
    if (!row || !(concerns(row, accountOf(ctx)) || isAdministrator(ctx))) throw notThere('erasure')
    if (!(await queries.advanceErasure(ctx.db, id, 'cancelled', ctx.now()))) throw waitsNoMore()
    dropJob(ctx, `erasure:${id}`)
    auditErasure(ctx, 'D', row)
  })
}

const waitsNoMore = () => new Problem('business-rule', 'It does not wait any more: it was called off, or has begun.')

export function confirmErasure(ctx: Ctx, id: string): Promise<View> {
  return transact(ctx, async (ctx) => {
    const row = await queries.erasure(ctx.db, id)
    if (!row || !concerns(row, accountOf(ctx))) throw notThere('erasure')
    const confirmed = await queries.confirmErasure(ctx.db, id, ctx.now())
    if (!confirmed) throw waitsNoMore()
    auditErasure(ctx, 'U', confirmed)
    return toErasure(confirmed)
  })
}

/** For other rooms. */
export async function readErasureCard({ db }: Ctx, id: string): Promise<OutputOf<typeof readErasureCardContract>> {
  const row = await queries.erasure(db, id)
  if (!row) throw notThere('erasure')
  const { createdAt, dueAt } = toErasure(row)
  return { id, waiting: row.status === 'waiting', createdAt, dueAt }
}

/** Whoever has the code, since whom it is about has no account any more. */
export function readErasureReceipt(
  ctx: Ctx,
  id: string,
  code: string,
): Promise<OutputOf<typeof contract.readErasureReceipt>> {
  const hash = hashOfToken(code)
  return transact(ctx, async (ctx) => {
    const row = await queries.receivedErasure(ctx.db, id, hash)
    if (!row) throw notThere('erasure')
    auditErasure(ctx, 'R', row)
    return { ...toErasure(row), receipt: (row.receipt ?? []) as never }
  })
}

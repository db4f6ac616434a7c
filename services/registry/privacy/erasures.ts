import type { Static } from 'typebox'
import { audit } from '#platform/audit.ts'
import { accountOf, hashOfToken, newToken } from '#platform/auth.ts'
import type { Context } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { publish } from '#platform/events.ts'
import { newId } from '#platform/ids.ts'
import { addJob, dropJob } from '#platform/jobs.ts'
import type { InputOf, OutputOf } from '#platform/operation.ts'
import { decodeCursor, pageOf } from '#platform/paging.ts'
import { transact } from '#platform/transaction.ts'
import { isAdministrator, notThere, unless, wrong } from '../caller.ts'
import type * as contract from '../contract/erasures.ts'
import { erasureRequested } from '../contract.ts'
import type { Tables } from '../database.ts'
import * as queries from '../queries/erasures.ts'

type Ctx = Context<Tables>
type View = OutputOf<typeof contract.listErasures>['items'][number]

const DAY_MS = 86_400_000

const toErasure = (row: queries.ErasureRow): View => ({
  id: row.id,
  status: row.status as View['status'],
  reason: row.reason as View['reason'],
  createdAt: row.created_at.toISOString(),
  dueAt: row.due_at.toISOString(),
  ...(row.done_at !== null && { doneAt: row.done_at.toISOString() }),
})

const asked = () => new Problem('duplicate', 'Erasure has been asked for already. Look at it, or call it off.')

/** Of oneself; an administrator may ask for somebody, and must say why. Either way there is time to call it off. */
export async function requestErasure(
  ctx: Ctx,
  given: InputOf<typeof contract.requestErasure>['body'],
): Promise<OutputOf<typeof contract.requestErasure>> {
  const reason = reasonOf(ctx, given)
  const person = await queries.personBy(ctx.db, whom(ctx, given))
  const { account, patient, practitioner, caregiver } = person
  if (!isOneself(given) && !patient && !practitioner) throw notThere('person')
  if (account !== undefined && (await queries.isLastAdministrator(ctx.db, account)))
    throw new Problem('business-rule', 'The last administrator stays. Make somebody else an administrator first.')
  const { token: receiptCode, hash: receipt_hash } = newToken()
  const [id, now] = [newId(), ctx.now()]
  const due_at = new Date(now.getTime() + ctx.config.ERASURE_WAIT_DAYS * DAY_MS)
  const of = {
    account_id: account ?? null,
    patient_id: patient?.id ?? null,
    practitioner_id: practitioner?.id ?? null,
    caregiver_id: caregiver?.id ?? null,
  }
  return unless('erasure_one_at_a_time', asked, () =>
    transact(ctx, async (ctx) => {
      const row = { id, ...of, requested_by: accountOf(ctx), reason, receipt_hash, due_at, created_at: now }
      const made = await queries.insertErasure(ctx.db, row)
      addJob(ctx, 'erase', { erasure: id }, { runAt: due_at, key: `erasure:${id}` })
      if (account !== undefined) publish(ctx, erasureRequested, { erasure: id, account })
      auditErasure(ctx, 'C', made)
      return { ...toErasure(made), receiptCode }
    }),
  )
}

type Given = InputOf<typeof contract.requestErasure>['body']

const isOneself = ({ patient, practitioner }: Given) => patient === undefined && practitioner === undefined

function reasonOf(ctx: Ctx, given: Given): string {
  if (isOneself(given)) return 'own-wish'
  if (!isAdministrator(ctx)) throw notThere('person')
  if (given.reason === undefined || given.reason === 'own-wish') throw wrong('/body/reason', 'must say why')
  return given.reason
}

function whom(ctx: Ctx, { patient, practitioner }: Given): Parameters<typeof queries.personBy>[1] {
  if (patient !== undefined) return { column: 'id', table: 'patient', value: patient }
  if (practitioner !== undefined) return { column: 'id', table: 'practitioner', value: practitioner }
  return { column: 'account_id', value: accountOf(ctx) }
}

export function auditErasure(
  ctx: Parameters<typeof audit>[0],
  action: 'C' | 'R' | 'U' | 'D' | 'E',
  row: queries.ErasureRow,
): void {
  const subject = row.patient_id !== null ? `Patient/${row.patient_id}` : `Account/${row.account_id}`
  audit(ctx, { action, entity: `Erasure/${row.id}`, subject, reason: row.reason })
}

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
    if (!row || !(row.account_id === accountOf(ctx) || isAdministrator(ctx))) throw notThere('erasure')
    if (!(await queries.advanceErasure(ctx.db, id, 'cancelled', ctx.now())))
      throw new Problem('business-rule', 'It does not wait any more: it was called off, or has begun.')
    dropJob(ctx, `erasure:${id}`)
    auditErasure(ctx, 'D', row)
  })
}

/** Whoever has the code, since whom it is about has no account any more. */
export function readErasureReceipt(
  ctx: Ctx,
  id: string,
  code: string,
): Promise<OutputOf<typeof contract.readErasureReceipt>> {
  const hash = hashOfToken(code)
  return transact(ctx, async (ctx) => {
    const row = await queries.erasure(ctx.db, id)
    if (!row?.receipt_hash.equals(hash)) throw notThere('erasure')
    auditErasure(ctx, 'R', row)
    return { ...toErasure(row), receipt: (row.receipt ?? []) as never }
  })
}

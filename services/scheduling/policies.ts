import type { Static } from 'typebox'
import { audit } from '#platform/audit.ts'
import { accountOf } from '#platform/auth.ts'
import type { Context } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { transact } from '#platform/transaction.ts'
import type { BookingPolicy, BookingPolicyChange } from './contract/policies.ts'
import { checkKeeps } from './own-calendar.ts'
import {
  hasVisits,
  keepPolicy,
  managesOrganisation,
  type PolicyOwner,
  type PolicyRow,
  policyOf,
} from './queries/policies.ts'
import type { SchedulingTables } from './tables.ts'

type Ctx = Context<SchedulingTables>
type View = Static<typeof BookingPolicy>

/** Until somebody has said anything else. */
const OPEN: PolicyRow = { cancel_minutes: 0, move_minutes: 0, moves: null, contact: '', version: 1 }

const notThere = () =>
  new Problem('not-found', 'There is no such practitioner or organisation here, or it is not yours.')

export async function readPolicy(ctx: Ctx, type: PolicyOwner, owner: string): Promise<View> {
  if (!(await hasVisits(ctx.db, type, owner))) throw notThere()
  return toPolicy((await policyOf(ctx.db, owner)) ?? OPEN)
}

/** What it says is looked at with every change of a visit: see checkOwnChange in booking-rules.ts. */
export async function changePolicy(
  ctx: Ctx,
  type: PolicyOwner,
  owner: string,
  { cancel, move, moves, contact }: Static<typeof BookingPolicyChange>,
  version: number,
): Promise<View> {
  return transact(ctx, async (ctx) => {
    if (type === 'Practitioner') await checkKeeps(ctx, owner)
    else if (!(await managesOrganisation(ctx.db, accountOf(ctx), owner))) throw notThere()
    const row = { cancel_minutes: cancel, move_minutes: move, moves: moves ?? null, contact: contact ?? '', version }
    if (!(await keepPolicy(ctx.db, type, owner, row, ctx.now())))
      throw new Problem('lock-error', 'The policy has changed since you read it. Read it again.')
    const about = type === 'Practitioner' ? { subject: `Practitioner/${owner}` } : {}
    audit(ctx, { action: 'U', entity: `BookingPolicy/${owner}`, ...about })
    return toPolicy({ ...row, version: version + 1 })
  })
}

const toPolicy = (row: PolicyRow): View => ({
  cancel: row.cancel_minutes,
  move: row.move_minutes,
  ...(row.moves !== null && { moves: row.moves }),
  ...(row.contact !== '' && { contact: row.contact }),
  version: row.version,
})

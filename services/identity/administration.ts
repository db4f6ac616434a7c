import type { Static } from 'typebox'
import { audit } from '#platform/audit.ts'
import type { Context } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { decodeCursor, pageOf } from '#platform/paging.ts'
import { toE164 } from '#platform/phone.ts'
import { transact } from '#platform/transaction.ts'
import type { grantRole as grantContract, searchAccounts as searchContract } from './contract.ts'
import type { Tables } from './database.ts'
import { foldUserName, type Identifier } from './identifiers.ts'
import { auditAccount, keepOneAdministrator } from './own-account.ts'
import { accountById, findAccounts } from './queries/accounts.ts'
import { insertRole, revokeRoles } from './queries/roles.ts'

type Ctx = Context<Tables>
type Criteria = Static<typeof searchContract.body>
type Granted = Static<typeof grantContract.response>
type Entry = Static<typeof searchContract.response>['items'][number]

export function searchAccounts(
  ctx: Ctx,
  given: Criteria,
  { limit = 20, cursor }: Static<typeof searchContract.query>,
): Promise<Static<typeof searchContract.response>> {
  const by = criterionOf(given)
  const after = decodeCursor(cursor, ['uuid'])?.[0] as string | undefined
  return transact(ctx, async (ctx) => {
    const rows = await findAccounts(ctx.db, by, after, limit)
    const page = pageOf(rows, limit, ({ id }) => [id], toEntry)
    for (const { id } of page.items) auditAccount(ctx, 'R', id)
    return page
  })
}

function criterionOf({ userName, phone }: Criteria): Identifier {
  if (userName !== undefined && phone === undefined) return { kind: 'userName', key: foldUserName(userName) }
  if (phone !== undefined && userName === undefined) return { kind: 'phone', phone: toE164(phone, '/body/phone') }
  throw new Problem('invalid', 'Search by either userName or phone.', {
    errors: [{ pointer: '/body', detail: 'needs one of userName and phone' }],
  })
}

function toEntry(row: Awaited<ReturnType<typeof findAccounts>>[number]): Entry {
  return {
    id: row.id,
    ...(row.user_name !== null && { userName: row.user_name }),
    ...(row.phone !== null && { phone: row.phone }),
    name: row.name,
    granted: row.granted as Entry['granted'],
    closed: row.disabled_at !== null,
    createdAt: row.created_at.toISOString(),
  }
}

/** Only administrators are made by hand. Every other role is a consequence of records, and would lie if it were given without them. */
export function grantRole(ctx: Ctx, id: string, role: Granted['role']): Promise<Granted> {
  if (role !== 'administrator')
    throw new Problem(
      'business-rule',
      'Only administrator is granted. Practitioner follows from a verified licence; patient, caregiver and donor from a profile; clerk from working at an organisation.',
      { errors: [{ pointer: '/body/role', detail: 'must be administrator' }] },
    )
  return transact(ctx, async (ctx) => {
    if (!(await accountById(ctx.db, id))) throw new Problem('not-found', 'There is no such account.')
    const now = ctx.now()
    if (!(await insertRole(ctx.db, { account: id, role, by: ctx.actor.account ?? null, now })))
      throw new Problem('duplicate', 'This account holds the role already.')
    audit(ctx, { action: 'C', entity: `Role/${role}`, subject: `Account/${id}` })
    return { account: id, role, grantedAt: now.toISOString() }
  })
}

export function revokeRole(ctx: Ctx, id: string, role: string): Promise<void> {
  return transact(ctx, async (ctx) => {
    if (role === 'administrator') await keepOneAdministrator(ctx, id)
    if ((await revokeRoles(ctx.db, id, ctx.now(), role)) === 0)
      throw new Problem('not-found', 'This role has not been granted to this account.')
    audit(ctx, { action: 'D', entity: `Role/${role}`, subject: `Account/${id}` })
  })
}

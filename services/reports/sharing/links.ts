import type { Static } from 'typebox'
import { expectSees } from '#fhir/rooms/relationship.ts'
import { audit } from '#platform/audit.ts'
import { accountOf } from '#platform/auth.ts'
import type { Context, TransactionContext } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { newId } from '#platform/ids.ts'
import type { Language } from '#platform/language.ts'
import { decodeCursor, pageOf } from '#platform/paging.ts'
import { transact } from '#platform/transaction.ts'
import type { createHealthLink, HealthLink, listHealthLinks } from '../contract/sharing.ts'
import { type HealthLink as Link, linkIn, linkText, newSecret } from '../health-cards/link.ts'
import type { ReportsTables } from '../tables.ts'
import { type Content, encryptedContent, expectStands } from './link-content.ts'
import { ATTEMPTS, addressOf, hashOf, macOf, secretIn } from './link-secrets.ts'
import {
  insertLink,
  type LinkRow,
  linksOf,
  lockOwn,
  mayShare,
  openingsOf,
  renewLink,
  revokeLink,
  type Viewer,
} from './queries.ts'

type Ctx = Context<ReportsTables>
type Wish = Static<typeof createHealthLink.body>

const YEAR = 366 * 86_400_000

const viewerOf = (ctx: Pick<Ctx, 'actor' | 'now'>): Viewer => ({ account: accountOf(ctx), now: ctx.now() })
const noLink = () => new Problem('not-found', 'There is no such link, or it is not yours.')

export async function create(
  ctx: Ctx,
  patient: string,
  wish: Wish,
  language: Language,
): Promise<Static<typeof createHealthLink.response>> {
  checkShape(wish, ctx.now())
  const relationship = await expectSees(ctx, patient)
  const [secret, key, expiresAt] = [newSecret(), newSecret(), new Date(wish.expiresAt)]
  const { what, report, label, passcode, isOneFile = false, isLongTerm = false } = wish
  const { contentType, ...copy } = await encryptedContent(ctx, patient, { what, report }, { language, key })
  const link: Link = { url: addressOf(ctx.config, secret), key, expiresAt, label, isOneFile, isLongTerm }
  const [id, now] = [newId(), ctx.now()]
  return transact(ctx, async (ctx) => {
    await expectShares(ctx, patient, copy.categories)
    if (report !== undefined) await expectStands(ctx, report)
    const row = await insertLink(ctx.db, {
      ...{ id, patient_id: patient, account_id: accountOf(ctx), secret_hash: hashOf(secret) },
      ...{ what, report_id: report ?? null, label: label ?? null, attempts_left: ATTEMPTS },
      passcode_mac: passcode === undefined ? null : macOf(ctx.config, id, passcode)[0],
      ...{ is_one_file: isOneFile, is_long_term: isLongTerm, created_at: now, expires_at: expiresAt },
      ...{ content_type: contentType, ...copy, updated_at: now },
    })
    audit(ctx, { action: 'C', entity: `HealthLink/${id}`, subject: `Patient/${patient}`, relationship })
    return { ...shown(row, [], now), link: linkText({ ...link, needsPasscode: passcode !== undefined }) }
  })
}

/** They see it: of what they see they may share all, unless an emergency is why they see it. */
async function expectShares(ctx: TransactionContext<ReportsTables>, patient: string, categories: string[]) {
  if (!(await mayShare(ctx.db, { account: accountOf(ctx), patient, categories }, ctx.now())))
    throw new Problem('forbidden', 'What you see in an emergency you may not share. Whoever treats the patient may.')
}

function checkShape({ what, report, expiresAt, passcode, isOneFile }: Wish, now: Date): void {
  const wrong = (pointer: string, detail: string) =>
    new Problem('business-rule', 'Nothing can be shared like this.', { errors: [{ pointer, detail }] })
  if ((what === 'report') !== (report !== undefined))
    throw wrong('/body/report', 'must be there where `what` is a report, and nowhere else')
  const until = new Date(expiresAt).getTime()
  if (until <= now.getTime() || until > now.getTime() + YEAR)
    throw wrong('/body/expiresAt', 'must be after now, and within a year')
  if (passcode !== undefined && isOneFile) throw wrong('/body/passcode', 'cannot be asked for where there is one file')
}

type Openings = Awaited<ReturnType<typeof openingsOf>>

function shown(row: LinkRow, openings: Openings, now: Date): Static<typeof HealthLink> {
  const { report_id: report, label } = row
  return {
    ...{ id: row.id, patient: row.patient_id, what: row.what as Wish['what'] },
    ...(report !== null && { report }),
    ...(label !== null && { label }),
    ...{ hasPasscode: row.passcode_mac !== null, isOneFile: row.is_one_file, isLongTerm: row.is_long_term },
    status: statusOf(row, now),
    ...{ createdAt: row.created_at.toISOString(), expiresAt: row.expires_at.toISOString() },
    ...{ updatedAt: row.updated_at.toISOString(), opened: row.opened },
    openings: openings
      .filter((one) => one.link_id === row.id)
      .map(({ at, recipient }) => ({ at: at.toISOString(), recipient })),
  }
}

function statusOf({ revoked_at, expires_at, attempts_left, is_shared = true }: LinkRow, now: Date) {
  if (revoked_at !== null) return 'revoked'
  if (expires_at <= now) return 'expired'
  if (attempts_left <= 0) return 'locked'
  return is_shared ? 'open' : 'withheld'
}

export async function list(
  ctx: Ctx,
  patient: string,
  { limit = 20, cursor }: Static<typeof listHealthLinks.query>,
): Promise<Static<typeof listHealthLinks.response>> {
  const after = decodeCursor(cursor, ['instant', 'uuid'])
  const relationship = await expectSees(ctx, patient)
  return transact(ctx, async (ctx) => {
    const rows = await linksOf(ctx.db, patient, viewerOf(ctx), { after, limit: limit + 1 })
    const ids = rows.map(({ id }) => id)
    const openings = ids.length === 0 ? [] : await openingsOf(ctx.db, ids)
    audit(ctx, { action: 'R', entity: 'HealthLink', subject: `Patient/${patient}`, relationship })
    const keyOf = (row: LinkRow): [string, string] => [row.created_at.toISOString(), row.id]
    return pageOf(rows, limit, keyOf, (row) => shown(row, openings, ctx.now()))
  })
}

/** What is known by now, under the same key: of whoever has the link, which is who made it. */
export async function renew(
  ctx: Ctx,
  id: string,
  text: string,
  language: Language,
): Promise<Static<typeof HealthLink>> {
  const link = linkIn(text)
  const row = await transact(ctx, (ctx) => lockOwn(ctx.db, id, viewerOf(ctx)))
  if (!row || row.account_id !== accountOf(ctx)) throw noLink()
  if (!link || !hashOf(secretIn(link.url)).equals(row.secret_hash))
    throw new Problem('business-rule', 'This is not the text of this link.', {
      errors: [{ pointer: '/body/link', detail: 'is of another link, or of none' }],
    })
  if (!row.is_long_term || statusOf(row, ctx.now()) !== 'open')
    throw new Problem('business-rule', 'Only a long-term link that is open is renewed. Make another one.')
  const relationship = await expectSees(ctx, row.patient_id)
  const of = { what: row.what as Content['what'], report: row.report_id ?? undefined }
  const { contentType: _, ...copy } = await encryptedContent(ctx, row.patient_id, of, { language, key: link.key })
  return transact(ctx, async (ctx) => {
    const still = await lockOwn(ctx.db, id, viewerOf(ctx))
    if (!still || still.revoked_at !== null) throw noLink()
    await expectShares(ctx, row.patient_id, copy.categories)
    audit(ctx, { action: 'U', entity: `HealthLink/${id}`, subject: `Patient/${row.patient_id}`, relationship })
    return shown(await renewLink(ctx.db, id, copy, ctx.now()), await openingsOf(ctx.db, [id]), ctx.now())
  })
}

export async function revoke(ctx: Ctx, id: string): Promise<void> {
  await transact(ctx, async (ctx) => {
    const row = await lockOwn(ctx.db, id, viewerOf(ctx))
    if (!row || row.revoked_at !== null) throw noLink()
    await revokeLink(ctx.db, id, ctx.now())
    audit(ctx, { action: 'D', entity: `HealthLink/${id}`, subject: `Patient/${row.patient_id}` })
  })
}

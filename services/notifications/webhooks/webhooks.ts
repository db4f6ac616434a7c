import type { Static } from 'typebox'
import { audit } from '#platform/audit.ts'
import type { Context, TransactionContext } from '#platform/context.ts'
import { requireKey } from '#platform/data-keys.ts'
import { Problem } from '#platform/errors.ts'
import { newId } from '#platform/ids.ts'
import { decodeCursor, pageOf } from '#platform/paging.ts'
import { isPermitted, permittedBy } from '#platform/public-addresses.ts'
import { transact } from '#platform/transaction.ts'
import type {
  createWebhook as createContract,
  listWebhooks as listContract,
  updateWebhook as updateContract,
  Webhook,
} from '../contract/webhooks.ts'
import * as queries from '../queries/webhooks.ts'
import type { NotificationsTables } from '../tables.ts'
import { newSecret, sealSecret } from './secrets.ts'

type Ctx = Context<NotificationsTables>
type Tx = TransactionContext<NotificationsTables>
type View = Static<typeof Webhook>

/** More would be a system of systems; each event is a row for each of them. */
const MOST = 20
const HOUR_MS = 3_600_000

export const noWebhook = () => new Problem('not-found', 'There is no such webhook.')

export async function createWebhook(ctx: Ctx, facts: Static<typeof createContract.body>) {
  checkUrl(ctx, facts.url)
  await requireKey(ctx)
  const [id, secret] = [newId(), newSecret()]
  return transact(ctx, async (ctx) => {
    if ((await queries.countWebhooks(ctx.db)) >= MOST)
      throw new Problem('business-rule', `There are at most ${MOST} webhooks. Take one away first.`)
    const row: queries.WebhookRow = {
      ...{ id, ...facts, active: true, disabled_as: null, secret: await sealSecret(ctx, id, secret) },
      ...{ former_secret: null, former_until: null, failing_since: null, version: 1 },
      created_at: ctx.now(),
    }
    await queries.insertWebhook(ctx.db, row)
    audit(ctx, { action: 'C', entity: `Webhook/${id}` })
    return { ...toWebhook(row), secret }
  })
}

/** What is not of one's own network goes encrypted; who is asked is looked at again with each attempt. */
function checkUrl({ config }: Pick<Ctx, 'config'>, text: string): void {
  const url = URL.parse(text)
  const own = url && isPermitted(url.hostname, url.hostname, permittedBy(config.WEBHOOK_PRIVATE_HOSTS))
  if (url && url.username === '' && url.password === '' && (url.protocol === 'https:' || own)) return
  throw new Problem('business-rule', 'The address must be one of https, without user and password in it.', {
    errors: [{ pointer: '/body/url', detail: 'must be an address of https' }],
  })
}

export async function listWebhooks(ctx: Ctx, { limit = 20, cursor }: Static<typeof listContract.query>) {
  const [before] = decodeCursor(cursor, ['uuid']) ?? []
  const rows = await queries.webhooksPage(ctx.db, before as string | undefined, limit + 1)
  return pageOf(rows, limit, ({ id }) => [id], toWebhook)
}

export async function readWebhook({ db }: Pick<Ctx, 'db'>, id: string): Promise<View> {
  const row = await queries.webhookById(db, id)
  if (!row) throw noWebhook()
  return toWebhook(row)
}

export async function updateWebhook(
  ctx: Ctx,
  id: string,
  change: Static<typeof updateContract.body>,
  version: number,
): Promise<View> {
  if (change.url !== undefined) checkUrl(ctx, change.url)
  return transact(ctx, async (ctx) => {
    const row = await held(ctx, id)
    if (row.version !== version)
      throw new Problem('lock-error', 'This has been changed since you read it. Read it again.')
    // Whoever turns it on again says that it works: what failed before counts no more.
    const on = change.active === true && !row.active && { disabled_as: null, failing_since: null }
    await queries.changeWebhook(ctx.db, id, { ...change, ...on })
    audit(ctx, { action: 'U', entity: `Webhook/${id}` })
    return readWebhook(ctx, id)
  })
}

export async function held(ctx: Tx, id: string): Promise<queries.WebhookRow> {
  const row = await queries.lockWebhook(ctx.db, id)
  if (!row) throw noWebhook()
  return row
}

export async function deleteWebhook(ctx: Ctx, id: string): Promise<void> {
  await transact(ctx, async (ctx) => {
    if (!(await queries.deleteWebhook(ctx.db, id))) throw noWebhook()
    audit(ctx, { action: 'D', entity: `Webhook/${id}` })
  })
}

export async function rotateSecret(ctx: Ctx, id: string, hours = 24) {
  const secret = newSecret()
  await requireKey(ctx)
  return transact(ctx, async (ctx) => {
    const row = await held(ctx, id)
    const former = { former_secret: row.secret, former_until: new Date(ctx.now().getTime() + hours * HOUR_MS) }
    await queries.changeWebhook(ctx.db, id, {
      ...(hours > 0 ? former : { former_secret: null, former_until: null }),
      secret: await sealSecret(ctx, id, secret),
    })
    audit(ctx, { action: 'U', entity: `Webhook/${id}`, reason: 'secret' })
    return { ...(await readWebhook(ctx, id)), secret }
  })
}

const toWebhook = (row: queries.WebhookRow): View => ({
  id: row.id,
  url: row.url,
  description: row.description,
  events: row.events as View['events'],
  active: row.active,
  ...(row.disabled_as !== null && { disabledAs: row.disabled_as as NonNullable<View['disabledAs']> }),
  ...(row.former_until && { formerSecretUntil: row.former_until.toISOString() }),
  ...(row.failing_since && { failingSince: row.failing_since.toISOString() }),
  version: row.version,
  createdAt: row.created_at.toISOString(),
})

import { makeAuditPartitions } from '#platform/audit/partitions.ts'
import { sealAudit } from '#platform/audit/seal.ts'
import { verifyNewestSeals } from '#platform/audit/verify.ts'
import type { Context } from '#platform/context.ts'
import type { Job } from '#platform/jobs.ts'
import { forgottenBefore } from '#platform/retention.ts'
import { transact } from '#platform/transaction.ts'
import type { Tables } from './database.ts'
import { rotateKeys } from './oauth/keys.ts'
import { forgetState } from './oauth/queries.ts'
import { forgetAuditChecks, insertAuditCheck, newestSealSeen } from './queries/audit.ts'
import {
  forgetAttempts,
  forgetChallenges,
  forgetCodes,
  forgetOnce,
  forgetRefreshTokens,
  forgetSessions,
  forgetWrites,
} from './queries/forget.ts'

type Ctx = Context<Tables>

const DAY = 86_400_000
const before = (ctx: Ctx, days: number) => new Date(ctx.now().getTime() - days * DAY)

/** Seals what has been written since the last minute: see platform/audit/seal.ts. It is given the bare connection, so it is its own transaction. */
async function seal(ctx: Ctx): Promise<void> {
  const { send, release } = await ctx.database.connect()
  try {
    await send('begin')
    const count = await sealAudit(send, ctx.config.secretKey.reveal(), ctx.now())
    await send('commit')
    release()
    if (count > 0) ctx.log.debug({ count }, 'audit rows sealed')
  } catch (error) {
    release(true)
    throw error
  }
}

/** Recomputes a day of seals, so that tampering is noticed without anybody asking. */
async function checkAudit(ctx: Ctx): Promise<void> {
  const seen = await newestSealSeen(ctx.db)
  const { send, release } = await ctx.database.connect()
  const verdict = await verifyNewestSeals(send, ctx.config.secretKey.reveal(), seen).finally(() => release())
  if (verdict.broken.length > 0) ctx.log.error({ count: verdict.broken.length }, 'seals of the audit are broken')
  await transact(ctx, async ({ db }) => {
    const { seals, newest, broken } = verdict
    await insertAuditCheck(db, { checked_at: ctx.now(), seals, newest, broken: broken.length })
    await forgetAuditChecks(db, before(ctx, 30))
  })
}

/** One statement, which is its own transaction. */
async function partitionAudit(ctx: Ctx): Promise<void> {
  const { send, release } = await ctx.database.connect()
  const made = await makeAuditPartitions(send, ctx.now()).finally(() => release())
  if (made.length > 0) ctx.log.info({ count: made.length }, 'partitions of the audit were made')
}

/** In bites of a transaction each, until nothing is left. */
async function forget(ctx: Ctx): Promise<void> {
  const rounds = [
    (db: Parameters<typeof forgetOnce>[0]) => forgetOnce(db, before(ctx, 1), before(ctx, 30)),
    (db: Parameters<typeof forgetOnce>[0]) => forgetSessions(db, forgottenBefore(ctx.config, 'sessions', ctx.now())),
    (db: Parameters<typeof forgetOnce>[0]) => forgetState(db, ctx.now()),
    (db: Parameters<typeof forgetOnce>[0]) => forgetAttempts(db, before(ctx, 1), before(ctx, 180)),
    (db: Parameters<typeof forgetOnce>[0]) => forgetRefreshTokens(db, ctx.now()),
    (db: Parameters<typeof forgetOnce>[0]) => forgetChallenges(db, ctx.now()),
    (db: Parameters<typeof forgetOnce>[0]) => forgetCodes(db, ctx.now()),
    (db: Parameters<typeof forgetOnce>[0]) => forgetWrites(db),
  ]
  for (const round of rounds) while ((await transact({ ...ctx, once: undefined }, ({ db }) => round(db))) > 0);
}

export const jobs: Job<Tables>[] = [
  { name: 'seal-audit', cron: '* * * * *', run: seal },
  { name: 'check-audit', cron: '41 * * * *', run: checkAudit },
  { name: 'partition-audit', cron: '53 * * * *', run: partitionAudit },
  { name: 'forget-once', cron: '17 * * * *', run: forget },
  { name: 'rotate-oauth-keys', cron: '23 3 * * *', run: rotateKeys },
]

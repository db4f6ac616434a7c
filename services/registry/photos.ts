import type { Static } from 'typebox'
import type { Context } from '#platform/context.ts'
import type { Exchange } from '#platform/service.ts'
import { transact } from '#platform/transaction.ts'
import { asKept } from '#platform/uploaded/picture.ts'
import { notThere } from './caller.ts'
import type { Practitioner } from './contract/practitioners.ts'
import type { Tables } from './database.ts'
import { auditPractitioner, eyesOf, toPractitioner } from './practitioners.ts'
import { projected } from './projection/projector.ts'
import { updatePractitioner, visiblePractitioner } from './queries/practitioners.ts'
import { keepFile, sendFile } from './uploads.ts'

type Ctx = Context<Tables>

export async function uploadPhoto(
  ctx: Ctx,
  id: string,
  given: Buffer,
  header: string,
): Promise<Static<typeof Practitioner>> {
  if (ctx.actor.self.practitioner !== id) throw notThere('practitioner')
  const { content, type: photo_type } = await asKept(given, header)
  const photo_key = await keepFile(ctx, content)
  return projected(ctx, async (ctx) => {
    const row = await updatePractitioner(ctx.db, id, undefined, { photo_key, photo_type }, ctx.now())
    if (!row) throw notThere('practitioner')
    auditPractitioner(ctx, 'U', id)
    return toPractitioner(row)
  })
}

export async function readPhoto(ctx: Ctx, id: string, exchange: Exchange): Promise<void> {
  const photo = await transact(ctx, async (ctx) => {
    const row = await visiblePractitioner(ctx.db, id, eyesOf(ctx))
    if (!row?.photo_key || !row.photo_type) throw notThere('photo')
    auditPractitioner(ctx, 'R', id)
    return { key: row.photo_key, type: row.photo_type }
  })
  return sendFile(ctx, exchange, { ...photo, name: 'photo' })
}

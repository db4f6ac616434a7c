import type { Static } from 'typebox'
import type { Context } from '#platform/context.ts'
import type { Exchange } from '#platform/service.ts'
import { transact } from '#platform/transaction.ts'
import { checkedFile } from '#platform/uploaded/checked-file.ts'
import { notThere } from './caller.ts'
import type { Licence } from './contract/licences.ts'
import type { Tables } from './database.ts'
import { auditLicence, lockOwnLicence, mayKeep, maySee, toLicence, undecided } from './licences.ts'
import { projected } from './projection/projector.ts'
import { licence, updateLicence } from './queries/licences.ts'
import { keepFile, sendFile } from './uploads.ts'

type Ctx = Context<Tables>

export async function uploadCertificate(
  ctx: Ctx,
  id: string,
  given: Buffer,
  header: string,
): Promise<Static<typeof Licence>> {
  // Looked at before the file is kept, so that nobody fills the disk with files for licences of others; decided under the lock below.
  await transact({ ...ctx, once: undefined }, async (ctx) => {
    const seen = await licence(ctx.db, id)
    if (!seen || !(await mayKeep(ctx, seen.practitioner_id))) throw notThere('licence')
  })
  const { content, type: certificate_type } = await checkedFile(given, header)
  const certificate_key = await keepFile(ctx, content)
  return projected(ctx, async (ctx) => {
    const row = await lockOwnLicence(ctx, id)
    auditLicence(ctx, 'U', row)
    const change = { certificate_key, certificate_type, ...undecided }
    return toLicence(await updateLicence(ctx.db, id, change, ctx.now()))
  })
}

export async function readCertificate(ctx: Ctx, id: string, exchange: Exchange): Promise<void> {
  const certificate = await transact(ctx, async (ctx) => {
    const row = await licence(ctx.db, id)
    if (!row?.certificate_key || !row.certificate_type || !(await maySee(ctx, row.practitioner_id)))
      throw notThere('certificate')
    auditLicence(ctx, 'R', row)
    return { key: row.certificate_key, type: row.certificate_type }
  })
  return sendFile(ctx, exchange, { ...certificate, name: 'certificate' })
}

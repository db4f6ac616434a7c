import { audit } from '#platform/audit.ts'
import { accountOf } from '#platform/auth.ts'
import type { Context, TransactionContext } from '#platform/context.ts'
import type { Exchange } from '#platform/service.ts'
import { transact } from '#platform/transaction.ts'
import { asKept } from '#platform/uploaded/picture.ts'
import { isAdministrator, notThere } from '../caller.ts'
import type { Tables } from '../database.ts'
import { organisation, workplace } from '../desk/queries.ts'
import { keepsPatient } from '../keep-patient.ts'
import { projected } from '../projection/projector.ts'
import { visibleCaregiver } from '../queries/caregivers.ts'
import { visiblePatient } from '../queries/patients.ts'
import { keepFile, sendFile } from '../uploads.ts'
import { donor, type Pictured, setPhoto } from './queries.ts'

type Ctx = Context<Tables>
type Tx = TransactionContext<Tables>

/** Who may give a picture to each kind of record, and who may look at it: those who may change it, and read it. */
const rules: Record<
  Pictured,
  {
    change(ctx: Tx, id: string): Promise<boolean>
    see(ctx: Tx, id: string): Promise<{ photo_key: string | null; photo_type: string | null } | undefined>
  }
> = {
  patient: {
    change: async (ctx, id) => (await keepsPatient(ctx, id)) !== undefined,
    see: (ctx, id) => visiblePatient(ctx.db, id, accountOf(ctx), ctx.now()),
  },
  caregiver: {
    change: async ({ actor }, id) => actor.self.caregiver === id,
    see: (ctx, id) =>
      visibleCaregiver(ctx.db, id, {
        account: accountOf(ctx),
        patient: ctx.actor.self.patient ?? null,
        administrator: false,
      }),
  },
  donor: {
    change: async ({ actor }, id) => actor.self.donor === id,
    see: (ctx, id) => donor(ctx.db, id, isAdministrator(ctx) ? undefined : accountOf(ctx)),
  },
  organisation: {
    change: async (ctx, id) =>
      (await workplace(ctx.db, id, {
        account: accountOf(ctx),
        functions: ['manager'],
        administrator: isAdministrator(ctx),
      })) !== undefined,
    see: (ctx, id) => organisation(ctx.db, id),
  },
}

function auditPhoto(ctx: Tx, action: 'R' | 'U', what: Pictured, id: string): void {
  const entity = `${what[0]?.toUpperCase()}${what.slice(1)}/${id}`
  audit(ctx, { action, entity, ...(what !== 'organisation' && { subject: entity }) })
}

export async function uploadPicture(
  ctx: Ctx,
  what: Pictured,
  id: string,
  given: Buffer,
  header: string,
): Promise<void> {
  // Asked before the file is kept, so that nobody fills the disk with pictures of others; decided under the lock below.
  await transact({ ...ctx, once: undefined }, (ctx) => checkMayChange(ctx, what, id))
  const { content, type } = await asKept(given, header)
  const key = await keepFile(ctx, content)
  await projected(ctx, async (ctx) => {
    await checkMayChange(ctx, what, id)
    await setPhoto(ctx.db, what, id, { key, type, now: ctx.now() })
    auditPhoto(ctx, 'U', what, id)
  })
}

async function checkMayChange(ctx: Tx, what: Pictured, id: string): Promise<void> {
  if (!(await rules[what].change(ctx, id))) throw notThere(what)
}

export async function readPicture(ctx: Ctx, what: Pictured, id: string, exchange: Exchange): Promise<void> {
  const photo = await transact(ctx, async (ctx) => {
    const row = await rules[what].see(ctx, id)
    if (!row?.photo_key || !row.photo_type) throw notThere('photo')
    if (what !== 'organisation') auditPhoto(ctx, 'R', what, id)
    return { key: row.photo_key, type: row.photo_type }
  })
  return sendFile(ctx, exchange, { ...photo, name: 'photo' })
}

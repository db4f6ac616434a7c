import { importedBy } from '#platform/access.ts'
import { accountOf } from '#platform/auth.ts'
import type { Context } from '#platform/context.ts'
import { mayImport } from '../store/may-import.ts'
import type { Asked } from './asked.ts'

/** In a transaction an app that may import creates what an import would take of it. Of records, the store takes those of patients who are registered with them. */
export async function asImporter(ctx: Context<unknown>, asked: Asked): Promise<Asked> {
  const { actor } = ctx
  if (actor.kind !== 'client' || !(await mayImport(ctx.db, accountOf(ctx)))) return asked
  const types = importedBy(actor)
  return {
    ...asked,
    admit: (type = '', letter) => (letter === 'c' && types.includes(type) ? actor : asked.admit(type, letter)),
  }
}

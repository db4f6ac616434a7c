import { audit } from '#platform/audit.ts'
import type { Context } from '#platform/context.ts'
import type { Person, Trace } from '#platform/person.ts'
import { transact } from '#platform/transaction.ts'
import { consultationsOf, eraseDrafts } from './queries/people.ts'
import type { ConsultationsTables } from './tables.ts'

/** A draft is no record of treatment yet; what was signed is one, and its messages are. */
export async function erase(ctx: Context<ConsultationsTables>, { patient }: Person): Promise<Trace[]> {
  if (patient === undefined) return []
  return transact(ctx, async (ctx) => {
    const drafts = await eraseDrafts(ctx.db, patient)
    audit(ctx, { action: 'D', entity: `Patient/${patient}`, subject: `Patient/${patient}`, reason: 'erasure' })
    return [
      { what: 'drafts of notes that nobody had signed, and links to where both met', outcome: 'erased', count: drafts },
      {
        what: 'consultations: when and with whom, under a number',
        outcome: 'kept',
        count: (await consultationsOf(ctx.db, patient)).length,
        why: 'Records of treatment are kept for as long as the law on them says.',
      },
    ]
  })
}

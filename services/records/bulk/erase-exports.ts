import type { Context } from '#platform/context.ts'
import type { Person } from '#platform/person.ts'
import { transact } from '#platform/transaction.ts'
import { eraseExports, namesOf } from '../queries/bulk-export.ts'
import type { RecordsTables } from '../tables.ts'

/**
 * The files that hold somebody go, with the export that they are of. Tells how many. Registry erases after this room has: what is read of them in between goes when erasure
 * comes once more, and nothing is read of them from then on.
 */
export const eraseFromExports = (
  ctx: Context<RecordsTables>,
  { patient, practitioner, caregiver }: Person,
): Promise<number> =>
  transact(ctx, async ({ db }) => {
    const patients = patient === undefined ? [] : await namesOf(db, patient)
    const types = [
      ...(practitioner === undefined ? [] : ['Practitioner', 'PractitionerRole']),
      ...(caregiver === undefined ? [] : ['RelatedPerson']),
    ]
    return eraseExports(db, { patients, types })
  })

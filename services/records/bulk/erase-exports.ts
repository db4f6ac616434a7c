import type { Context } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { addJob } from '#platform/jobs.ts'
import type { Person } from '#platform/person.ts'
import { transact } from '#platform/transaction.ts'
import { eraseExports, goneAmong, namesOf } from '../queries/bulk-export.ts'
import type { RecordsTables } from '../tables.ts'

type Ctx = Context<RecordsTables>

/** Registry erases after this room has. */
const LOOK_AFTER_MS = 60_000

/** The files that hold somebody go, with the export that they are of; and once more when it is certain that nothing of them is read any more. Tells how many. */
export async function eraseFromExports(ctx: Ctx, { patient, practitioner, caregiver }: Person): Promise<number> {
  const types = [
    ...(practitioner === undefined ? [] : ['Practitioner', 'PractitionerRole']),
    ...(caregiver === undefined ? [] : ['RelatedPerson']),
  ]
  return transact(ctx, async (ctx) => {
    const patients = patient === undefined ? [] : await namesOf(ctx.db, patient)
    if (patients.length > 0)
      addJob(ctx, 'erase-exports', { patients }, { runAt: new Date(ctx.now().getTime() + LOOK_AFTER_MS) })
    return eraseExports(ctx.db, { patients, types })
  })
}

/** Those of exports which were under way meanwhile. */
export async function eraseExportsOf(ctx: Ctx, { patients }: { patients: string[] }): Promise<void> {
  if ((await goneAmong(ctx.db, patients)).length < patients.length)
    throw new Problem('transient', 'They are not erased yet; it is looked at again.')
  await transact(ctx, ({ db }) => eraseExports(db, { patients, types: [] }))
}

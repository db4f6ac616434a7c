import { countOf } from '#fhir/store/of-patient.ts'
import { forgetOwn } from '#fhir/store/subscriptions.ts'
import { recordTypes } from '#platform/access.ts'
import type { Context } from '#platform/context.ts'
import type { Person, Trace } from '#platform/person.ts'
import { transact } from '#platform/transaction.ts'
import { eraseFromExports } from './bulk/erase-exports.ts'
import { eraseRecordImports } from './queries/record-imports.ts'
import { storeOf } from './store.ts'
import type { RecordsTables } from './tables.ts'

/** A record of treatment is a fact of two people, which the law wants kept; it names the patient by a number alone. */
export async function erase(ctx: Context<RecordsTables>, person: Person): Promise<Trace[]> {
  const { patient, account } = person
  const traces: Trace[] = []
  const exports = await eraseFromExports(ctx, person)
  if (exports > 0) traces.push({ what: 'exports for apps that held the person', outcome: 'erased', count: exports })
  if (patient !== undefined || account !== undefined) {
    const count = await transact(ctx, ({ db }) => eraseRecordImports(db, { patient, account }))
    if (count > 0)
      traces.push({ what: 'files that were about to be taken over into a record', outcome: 'erased', count })
  }
  if (account !== undefined) {
    const count = await transact(ctx, (ctx) => forgetOwn(storeOf(ctx), account))
    traces.push({
      what: 'what the person asked to be told of, and files of theirs that nobody else sees',
      outcome: 'erased',
      count,
    })
  }
  if (patient !== undefined) {
    const { count } = await countOf(storeOf(ctx), recordTypes, patient)
    traces.push({
      what: 'records of treatment, under a number',
      outcome: 'kept',
      count,
      why: 'Records of treatment are kept for as long as the law on them says.',
    })
  }
  return traces
}

import type { Kysely, Transaction } from 'kysely'
import { derivedTypes, isDerived } from '#fhir/store/concerns.ts'
import { pagesOf, readdress, tellOfBoth } from '#fhir/store/of-patient.ts'
import { recordTypes } from '#platform/access.ts'
import { audit } from '#platform/audit.ts'
import { FHIR_BASE } from '#platform/capability-statement.ts'
import type { Context } from '#platform/context.ts'
import { transact } from '#platform/transaction.ts'
import { readMergeCard } from '../registry/contract.ts'
import { forgetRecordImportsOf, moveRecordImports } from './queries/record-imports.ts'
import type { RecordsTables } from './tables.ts'

/**
 * Two patients became one, or were parted again: what is about the one who was replaced is about the survivor, found by both names, and says what it said.
 * What is done is what registry says now, whichever event is delivered first, and however often.
 */
export async function followMerge(given: Context<unknown>, { merge }: { merge: string }): Promise<void> {
  const { survivor, replaced, stands } = await given.call(readMergeCard, { params: { id: merge } })
  const ctx = { ...given, once: undefined } // page by page: the effect is the same however often it is taken
  const as = new Map(stands ? [[replaced, survivor]] : [])
  // Of whom a file is that was brought while the two were one, only who brings it can say again.
  await transact(ctx as Context<RecordsTables>, async ({ db }) => {
    if (stands) await moveRecordImports(db, replaced, survivor)
    else await forgetRecordImportsOf(db, survivor)
  })
  const base = `${ctx.config.PUBLIC_URL}${FHIR_BASE}`
  const subject = `Patient/${stands ? survivor : replaced}`
  const own = recordTypes.filter((type) => !isDerived(type))
  for (const types of [own, ...derivedTypes.map((type) => [type])])
    for await (const rows of pagesOf(ctx.db as Kysely<unknown>, types, replaced))
      if (rows.length > 0)
        await transact(ctx, async (ctx) => {
          await readdress(ctx.db as Transaction<unknown>, rows, { base, as })
          for (const { type, id } of rows)
            audit(ctx, { action: 'U', entity: `${type}/${id}`, subject, reason: `Merge/${merge}` })
        })
  if (stands) return
  await transact(ctx, async (ctx) => {
    for (const id of await tellOfBoth(ctx.db as Transaction<unknown>, own, { survivor, replaced }))
      for (const patient of [survivor, replaced])
        audit(ctx, { action: 'U', entity: `Bundle/${id}`, subject: `Patient/${patient}`, reason: `Merge/${merge}` })
  })
}

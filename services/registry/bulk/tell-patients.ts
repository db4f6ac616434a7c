import type { Context } from '#platform/context.ts'
import type { InputOf, OutputOf } from '#platform/operation.ts'
import type * as contract from '../contract.ts'
import type { Tables } from '../database.ts'
import { patientInFhir } from '../person-fhir.ts'
import { patientsFor } from './queries.ts'
import { ZONE } from './zone.ts'

const PAGE = 500
const FIRST = '00000000-0000-0000-0000-000000000000'

/** Patients for an export; those who may be had by the app that asks for it. */
export async function tellPatients(
  ctx: Context<Tables>,
  { client, after = FIRST, since, patients }: InputOf<typeof contract.tellPatients>['body'],
): Promise<OutputOf<typeof contract.tellPatients>> {
  const { rows, last } = await patientsFor(ctx.db, {
    ...{ client, after, patients, now: ctx.now(), limit: PAGE },
    since: since === undefined ? undefined : new Date(since),
  })
  return {
    rows: rows.map((row) => {
      const { resourceType, id, ...rest } = patientInFhir(row)
      const meta = { lastUpdated: row.updated_at.toISOString() }
      const extension = [{ url: ZONE, valueCode: row.zone }]
      return { id, about: [id], body: JSON.stringify({ resourceType, id, meta, extension, ...rest }) }
    }),
    ...(last !== undefined && { next: last }),
  }
}

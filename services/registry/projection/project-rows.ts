import type { Transaction } from 'kysely'
import { lockProjections, type Projection, project } from '#fhir/store/project.ts'
import { FHIR_BASE } from '#platform/capability-statement.ts'
import type { TransactionContext } from '#platform/context.ts'
import type { Tables } from '../database.ts'
import * as queries from './queries.ts'
import * as fhir from './to-fhir.ts'

type Tx = TransactionContext<Tables>

/** Brings the store to what the rows of these say now. Names those of which it was something else. */
export async function projectRows(ctx: Tx, due: readonly queries.Due[]): Promise<string[]> {
  if (due.length === 0) return []
  const db = ctx.db as unknown as Transaction<unknown>
  await lockProjections(
    db,
    due.map(({ type, id }) => `${type}/${id}`),
  )
  const projections: Projection[] = []
  for (const [type, of] of Map.groupBy(due, ({ type }) => type)) {
    const ids = of.map(({ id }) => id)
    const there = await projectionsOf[type](
      ctx,
      ids.filter((id) => UUID.test(id)),
    )
    const found = new Set(there.map(({ id }) => id))
    const gone = ids.filter((id) => !found.has(id))
    projections.push(
      ...there.map((one) => ({ type, ...one })),
      ...gone.map((id) => ({ type, id, state: 'gone', elements: {} }) as const),
    )
  }
  return project(db, projections, { base: `${ctx.config.PUBLIC_URL}${FHIR_BASE}`, at: ctx.now() })
}

/** Only such have a row. */
const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/

type Of = (ctx: Tx, ids: readonly string[]) => Promise<Omit<Projection, 'type'>[]>

const stateOf = (erased: boolean) => (erased ? 'gone' : 'shown')

const practitioners =
  (elements: typeof fhir.practitionerElements): Of =>
  async ({ db, config }, ids) =>
    (await queries.practitionerFacts(db, ids)).map((row) => ({
      ...{ id: row.id, state: fhir.practitionerState(row), withoutPast: row.erased },
      elements: elements(row, config.PUBLIC_URL),
    }))

const projectionsOf: Record<queries.ProjectedType, Of> = {
  Patient: async ({ db, config }, ids) =>
    (await queries.patientFacts(db, ids)).map((row) => ({
      ...{ id: row.id, state: stateOf(row.erased), survivor: row.survivor ?? undefined },
      elements: fhir.patientElements(row, config.PUBLIC_URL),
    })),
  RelatedPerson: async ({ db }, ids) =>
    (await queries.mandateFacts(db, ids)).map((row) => ({
      ...{ id: row.id, withoutPast: row.caregiver_erased },
      state: row.patient_erased ? 'gone' : row.known ? 'shown' : 'hidden',
      elements: fhir.relatedPersonElements(row),
    })),
  Practitioner: practitioners(fhir.practitionerElements),
  PractitionerRole: practitioners(fhir.practitionerRoleElements),
  Organization: async ({ db, config }, ids) =>
    (await queries.organisationFacts(db, ids)).map((row) => ({
      ...{ id: row.id, state: 'shown' },
      elements: fhir.organisationElements(row, config.PUBLIC_URL),
    })),
  Location: async ({ db, config }, ids) =>
    (await queries.placeFacts(db, ids)).map((row) => ({
      ...{ id: row.id, state: 'shown' },
      elements: fhir.locationElements(row, config.PUBLIC_URL),
    })),
}

export const projectedTypes = Object.keys(projectionsOf) as queries.ProjectedType[]

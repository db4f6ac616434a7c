import type { Transaction } from 'kysely'
import { projectRows } from '#fhir/projection/project-rows.ts'
import { projectedBy } from '#fhir/projection/projected.ts'
import { type Projector, rowOf, type Source } from '#fhir/projection/projector.ts'
import type { Name } from '#fhir/store/due.ts'
import { forget, type Projection } from '#fhir/store/project.ts'
import type { TransactionContext } from '#platform/context.ts'
import { SAID } from '../fhir/appointment.ts'
import type { SchedulingTables } from '../tables.ts'
import { scheduleElements, serviceElements } from './offer.ts'
import * as queries from './queries.ts'
import { visitProjections } from './visit.ts'

const visits =
  (type: string): Source<SchedulingTables>['of'] =>
  async ({ db, config }, ids) => {
    const wanted = new Set(ids)
    const rows = await queries.visitsById(db, [...new Set(ids.flatMap((id) => rowOf(id) ?? []))])
    const found = rows.flatMap((row): Projection[] => visitProjections(row, config.PUBLIC_URL))
    return found.filter((one) => one.type === type && wanted.has(one.id))
  }

export const projector: Projector<SchedulingTables> = {
  sources: {
    Appointment: { table: 'appointment', of: visits('Appointment') },
    AppointmentResponse: {
      table: 'appointment',
      suffixes: ['.patient', '.practitioner'],
      of: visits('AppointmentResponse'),
    },
    HealthcareService: {
      table: 'service',
      of: async ({ db, config }, ids) =>
        (await queries.serviceFacts(db, ids)).map((row) => ({
          ...{ id: row.id, state: row.offered ? 'shown' : 'hidden' },
          elements: serviceElements(row, config.PUBLIC_URL),
        })),
    },
    Schedule: {
      table: 'schedule',
      of: async ({ db, config }, ids) =>
        (await queries.scheduleFacts(db, ids)).map((row) => ({
          ...{ id: row.id, state: row.offered ? 'shown' : 'hidden' },
          elements: scheduleElements(row, config.PUBLIC_URL),
        })),
    },
  },
  // Who changes a visit has locked its row, and writes what is shown of it last of all.
  async lock({ db }, names) {
    const visits = names.filter(({ type }) => type === 'Appointment' || type === 'AppointmentResponse')
    if (visits.length > 0) await queries.lockVisits(db, [...new Set(visits.flatMap(({ id }) => rowOf(id) ?? []))])
  },
}

type Tx = TransactionContext<SchedulingTables>

const namesOf = (ids: readonly string[]): Name[] =>
  ids.flatMap((id) => [
    { type: 'Appointment', id },
    ...SAID.map((by) => ({ type: 'AppointmentResponse', id: `${id}.${by}` })),
  ])

/** As showVisits(), of rows that are not at hand. */
export async function projectVisits(ctx: Tx, ids: readonly string[]): Promise<void> {
  await projectRows(ctx, projector, namesOf(ids))
}

/** Without what they were: versions that had words of somebody who has been erased do not stay. */
export async function projectWithoutPast(ctx: Tx, ids: readonly string[]): Promise<void> {
  await forget(ctx.db as unknown as Transaction<unknown>, namesOf(ids))
  await projectVisits(ctx, ids)
}

/** A transaction that changes what the FHIR store shows of this room, where it does not have that at hand (show-visits.ts). */
export const projected = projectedBy(projector)

import type { Projection } from '#fhir/store/project.ts'
import { toAppointment } from '../appointment-view.ts'
import { appointmentInFhir, responseInFhir, SAID } from '../fhir/appointment.ts'
import type { AppointmentRow } from '../queries/booking.ts'

/**
 * A visit as FHIR: an Appointment, and what its two sides have said to it. Each has the version of the row, so that what was read on either face can be named on
 * the other; an answer is to one version of the visit.
 */
export function visitProjections(row: AppointmentRow, publicUrl: string): Projection[] {
  const visit = toAppointment(row)
  const state = row.status === 'pending' ? 'gone' : 'shown'
  const common = { state, version: row.version, at: row.updated_at, concerns: concernsOf(row) } as const
  return [
    { ...common, type: 'Appointment', id: row.id, elements: elementsOf(appointmentInFhir(visit, publicUrl)) },
    ...SAID.map((by) => {
      const said = responseInFhir(visit, by)
      const state = said ? common.state : 'gone'
      return {
        ...common,
        state,
        type: 'AppointmentResponse',
        id: `${row.id}.${by}`,
        elements: said ? elementsOf(said) : {},
      }
    }),
  ]
}

const elementsOf = ({ resourceType: _type, id: _id, meta: _meta, ...elements }: Record<string, unknown>) => elements

/** Who may see it is not only decided by the patient: see may_see_visit in platform/migrations/0016_fhir_store.sql. */
const concernsOf = ({ id, patient_id, practitioner_id, category, made_by, together }: AppointmentRow) => ({
  about: [
    `Practitioner/${practitioner_id}`,
    patient_id,
    ...(category === 'general' ? [] : [`Booked/${made_by}`]),
    ...(together === null || together === id ? [] : [`Part/${together}`]),
  ],
  categories: [category],
})

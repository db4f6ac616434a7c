import { prescriptionFacts } from './prescriptions.ts'
import { asking, type Row, type Rows, readers } from './row.ts'

const writers = ['holder', 'treating'] as const
const one = (body?: unknown, name: 'prescription' | 'heldPrescription' = 'prescription'): Row =>
  asking(
    (ids) => ({ params: { id: ids.saba, prescription: ids[name] }, ...(body !== undefined && { body }) }),
    body === undefined ? readers : writers,
  )
const reason = { reason: 'Dry cough' }

export const prescriptions: Record<string, Rows> = {
  listPrescriptions: {
    ...asking(({ saba }) => ({ params: { id: saba } }), readers),
    shows: { of: ({ prescription }) => prescription, to: readers },
  },
  readPrescription: one(),
  createPrescription: asking(({ saba }) => ({ params: { id: saba }, body: prescriptionFacts }), writers),
  updatePrescription: one(prescriptionFacts),
  holdPrescription: one(reason),
  resumePrescription: one({}, 'heldPrescription'),
  stopPrescription: one(reason),
  renewPrescription: one({}),
  retractPrescription: one(reason),
}

import { slotId } from '#services/scheduling/fhir/slot.ts'
import { asking, bookers, of, plain, type Row, type Rows } from './row.ts'
import type { World } from './world.ts'

// The FHIR face of scheduling: who gets through is who gets through to the same on /v1.

const at = ({ okello }: World['ids'], start: string) =>
  slotId({ practitioner: okello, start: new Date(start), service: null })

const parameters = (...parameter: object[]) => ({ resourceType: 'Parameters', parameter })
const taking = (ids: World['ids'], start: string) =>
  parameters(
    { name: 'appt-id', valueUri: `Appointment/${at(ids, start)}` },
    { name: 'patient-id', valueUri: `Patient/${ids.saba}` },
  )

/** For apps that come for themselves, none of which is here: services/records/bulk/export.test.ts has them. */
const byApps = (ask: Row['ask']): Row => ({ ask, who: [], never: 'apps that come for themselves, and nobody else' })
const NOBODYS = '018f3a5e-7c1b-7d2e-9f30-5a6b7c8d9e0f'

export const fhir: Record<string, Rows> = {
  exportAll: byApps(() => ({})),
  exportAllByParameters: byApps(() => ({
    body: parameters({ name: '_typeFilter', valueString: 'Observation?code=8867-4' }),
  })),
  exportPatients: byApps(() => ({})),
  exportPatientsByParameters: byApps(() => ({
    body: parameters({ name: '_typeFilter', valueString: 'Observation?code=8867-4' }),
  })),
  exportGroup: byApps(() => ({ params: { id: NOBODYS } })),
  exportGroupByParameters: byApps(() => ({
    params: { id: NOBODYS },
    body: parameters({ name: '_typeFilter', valueString: 'Observation?code=8867-4' }),
  })),
  readBulkExport: byApps(() => ({ params: { id: NOBODYS } })),
  endBulkExport: byApps(() => ({ params: { id: NOBODYS } })),
  startBulkImport: asking(() => ({ upload: Buffer.from('{}') })),
  readBulkImport: {
    ask: () => ({ params: { id: NOBODYS } }),
    who: [],
    never: 'of whoever brought it in: services/records/bulk/import.test.ts',
  },
  readBulkFaults: {
    ask: () => ({ params: { id: NOBODYS } }),
    who: [],
    never: 'of whoever brought it in: services/records/bulk/import.test.ts',
  },
  readBulkFile: byApps(() => ({ params: { id: NOBODYS, file: 'output-0.ndjson' } })),

  // The first thing that was done here was to make her profile.
  readFhirAuditEvent: asking(({ saba }) => ({ params: { id: `1.${saba}` } }), ['self', 'seeing', 'full', 'guardian']),
  searchFhirAuditEvents: {
    ...asking(({ saba }) => ({ query: `patient=Patient/${saba}` })),
    shows: { of: () => 'RESTful Operation', to: ['self', 'seeing', 'full', 'guardian'] },
  },
  matchPatients: asking(() => ({
    body: {
      resourceType: 'Parameters',
      parameter: [
        {
          name: 'resource',
          resource: { resourceType: 'Patient', name: [{ text: 'Saba Tesfaye' }], birthDate: '1987-06-05' },
        },
      ],
    },
  })),
  readFhirConsent: { ...of('twin', []), never: 'nobody has answered anything there' },
  searchFhirConsents: asking(({ saba }) => ({ query: `patient=Patient/${saba}` })),
  readFhirSchedule: of('schedule'),
  searchFhirSchedules: asking(({ okello }) => ({ query: `actor=Practitioner/${okello}` })),
  readFhirSlot: asking((ids) => ({ params: { id: at(ids, '2031-03-03T11:00:00Z') } })),
  searchFhirSlots: asking(({ schedule }) => ({ query: `schedule=Schedule/${schedule}&start=2031-03-03` })),
  findFhirAppointments: asking(() => ({ query: 'specialty=cardiology' })),
  findFhirAppointmentsByParameters: asking(() => ({
    body: parameters({ name: 'specialty', valueCode: 'cardiology' }),
  })),
  holdFhirAppointment: asking((ids) => ({ body: taking(ids, '2031-03-03T11:00:00Z') }), [...bookers, 'holder']),
  bookFhirAppointment: asking((ids) => ({ body: taking(ids, '2031-03-03T12:00:00Z') }), [...bookers, 'holder']),
  createFhirAppointment: asking(
    ({ okello, saba }) => ({
      body: {
        ...{ resourceType: 'Appointment', status: 'booked', start: '2031-03-03T12:30:00Z' },
        participant: [`Patient/${saba}`, `Practitioner/${okello}`].map((reference) => ({ actor: { reference } })),
      },
    }),
    [...bookers, 'holder'],
  ),
  updateFhirAppointment: of('appointment', [...bookers, 'holder'], {
    ...{ resourceType: 'Appointment', status: 'cancelled', cancelationReason: { coding: [{ code: 'pat' }] } },
  }),
  cancelFhirAppointment: of('appointment', [...bookers, 'holder'], parameters({ name: 'reason', valueCode: 'pat' })),
  readBulkManifest: plain,
  listPublicLocations: plain,
  listPublicSchedules: plain,
  listPublicSlots: asking(() => ({ params: { monday: '2031-03-03' } })),
}

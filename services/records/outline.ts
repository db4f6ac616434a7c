import { capabilitiesOf } from '#fhir/capabilities.ts'
import { KEEPING_ROOM, projected, types, writtenOf } from '#fhir/face.ts'
import { FHIR_ADDRESSES } from '#fhir/router.ts'
import { type Outline, operationsIn } from '#platform/outline.ts'
import { patientMerged, patientUnmerged } from '../registry/contract.ts'
import * as bulkExport from './contract/bulk-export.ts'
import * as bulkImport from './contract/bulk-import.ts'
import * as entries from './contract/entries.ts'
import * as recordImports from './contract/record-imports.ts'
import * as story from './contract/story.ts'
import { WEBSOCKET } from './websocket/address.ts'

export const outline: Outline = {
  name: KEEPING_ROOM,
  purpose:
    'What is known of patients: conditions, observations, allergies, medicines, immunisations, procedures, documents; and what is defined for all: value sets, code systems, questionnaires, plans',
  resources: types,
  operations: operationsIn(bulkExport, bulkImport, ...Object.values(entries.kinds), entries, story, recordImports),
  events: [],
  hears: [patientMerged, patientUnmerged],
  people: ['aboutPerson', 'erase'],
  mountedAt: [...FHIR_ADDRESSES, { url: WEBSOCKET, methods: ['GET'] }],
  fhir: { ...capabilitiesOf([...types, ...projected], writtenOf), websocket: WEBSOCKET },
  migrations: new URL('./migrations/', import.meta.url),
}

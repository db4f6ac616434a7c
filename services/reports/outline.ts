import { type Outline, operationsIn } from '#platform/outline.ts'
import { patientMerged, patientUnmerged } from '../registry/contract.ts'
import * as population from './contract/population.ts'
import * as sharing from './contract/sharing.ts'
import * as contract from './contract.ts'
import { linkAddresses } from './sharing/addresses.ts'

export const outline: Outline = {
  name: 'reports',
  purpose: 'Health reports: frozen, signed, versioned; read, printed and shared.',
  resources: [],
  operations: operationsIn(contract, sharing, population),
  events: [],
  hears: [patientMerged, patientUnmerged],
  mountedAt: linkAddresses,
  people: ['aboutPerson', 'erase'],
  migrations: new URL('./migrations/', import.meta.url),
}

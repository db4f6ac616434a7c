import { type Outline, operationsIn } from '#platform/outline.ts'
import * as contract from './contract.ts'

export const outline: Outline = {
  name: 'reports',
  purpose: 'Health reports: frozen, signed, versioned; read, printed and shared.',
  resources: [],
  operations: operationsIn(contract),
  events: [],
  hears: [],
  people: [],
  migrations: new URL('./migrations/', import.meta.url),
}

import { type Outline, operationsIn } from '#platform/outline.ts'
import * as prescriptions from './contract/prescriptions.ts'
import * as contract from './contract.ts'

export const outline: Outline = {
  name: 'care_plans',
  purpose: 'Treatment plans: goals, what is to be done and by whom, prescriptions, templates, and what came of it.',
  resources: [],
  operations: operationsIn(contract, prescriptions),
  events: [],
  hears: [],
  people: ['aboutPerson'],
  migrations: new URL('./migrations/', import.meta.url),
}

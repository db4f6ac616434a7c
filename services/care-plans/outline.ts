import { type Outline, operationsIn } from '#platform/outline.ts'
import { patientMerged, patientUnmerged } from '../registry/contract.ts'
import * as prescriptions from './contract/prescriptions.ts'
import * as tasks from './contract/tasks.ts'
import * as templates from './contract/templates.ts'
import * as contract from './contract.ts'

export const outline: Outline = {
  name: 'care_plans',
  purpose: 'Treatment plans: goals, what is to be done and by whom, prescriptions, templates, and what came of it.',
  resources: [],
  operations: operationsIn(contract, templates, tasks, prescriptions),
  events: [contract.reviewDue, tasks.careTasksDue],
  hears: [patientMerged, patientUnmerged],
  people: ['aboutPerson', 'erase'],
  migrations: new URL('./migrations/', import.meta.url),
}

import { type Outline, operationsIn } from '#platform/outline.ts'
import { patientMerged, patientUnmerged } from '../registry/contract.ts'
import * as attachments from './contract/attachments.ts'
import * as draft from './contract/draft.ts'
import * as messages from './contract/messages.ts'
import * as contract from './contract.ts'

export const outline: Outline = {
  name: 'consultations',
  purpose: 'The meeting itself: begun, drafted, signed, amended; its attachments and messages.',
  resources: [],
  operations: operationsIn(contract, draft, attachments, messages),
  events: [contract.messageSent],
  hears: [patientMerged, patientUnmerged],
  people: ['aboutPerson', 'erase'],
  migrations: new URL('./migrations/', import.meta.url),
}

import type { Invariant } from './invariant.ts'
import { areDistinct, has, hasChoice, isInOrder, list, type Members, member } from './members.ts'

// Of what is planned, done and passed on: the page of each type, under Constraints.

/** `name` in all entries of a Bundle of these types, and in none of others. */
function haveAll({ type, entry }: Members, name: string, ...types: string[]): boolean {
  const should = types.includes(String(type))
  return list(entry).every((one) => has(one, name) === should)
}

const versionOf = (entry: Members) =>
  `${String(entry.fullUrl)} ${String(member(member(entry, 'resource'), 'meta').versionId ?? '')}`

const firstOf = ({ entry }: Members) => member(list(entry)[0] ?? {}, 'resource').resourceType

export const workflow: readonly Invariant[] = [
  {
    ...{ key: 'app-1', on: 'Appointment.participant', says: 'a type or an actor must be there.' },
    holds: (it) => has(it, 'type') || has(it, 'actor'),
  },
  {
    ...{ key: 'app-2', on: 'Appointment', says: 'start and end are there together, or neither is.' },
    holds: (it) => has(it, 'start') === has(it, 'end'),
  },
  {
    ...{
      key: 'app-3',
      on: 'Appointment',
      says: 'only what is proposed, cancelled or on a waitlist has no start and end.',
    },
    holds: (it) =>
      (has(it, 'start') && has(it, 'end')) || ['proposed', 'cancelled', 'waitlist'].includes(String(it.status)),
  },
  {
    ...{ key: 'app-4', on: 'Appointment', says: 'only what is cancelled or a noshow has a cancelationReason.' },
    holds: (it) => !has(it, 'cancelationReason') || it.status === 'noshow' || it.status === 'cancelled',
  },
  {
    ...{ key: 'apr-1', on: 'AppointmentResponse', says: 'a participantType or an actor must be there.' },
    holds: (it) => has(it, 'participantType') || has(it, 'actor'),
  },
  {
    ...{ key: 'sev-1', on: 'AuditEvent.entity', says: 'either a name or a query.' },
    holds: (it) => !has(it, 'name') || !has(it, 'query'),
  },
  {
    ...{ key: 'bdl-1', on: 'Bundle', says: 'only a searchset or a history has a total.' },
    holds: (it) => !has(it, 'total') || it.type === 'searchset' || it.type === 'history',
  },
  {
    ...{ key: 'bdl-2', on: 'Bundle', says: 'only entries of a searchset say how they were found.' },
    holds: (it) => it.type === 'searchset' || list(it.entry).every((entry) => !has(entry, 'search')),
  },
  {
    ...{
      key: 'bdl-3',
      on: 'Bundle',
      says: 'every entry of a batch, transaction or history has a request, and no other.',
    },
    holds: (it) => haveAll(it, 'request', 'batch', 'transaction', 'history'),
  },
  {
    ...{ key: 'bdl-4', on: 'Bundle', says: 'every entry of an answer or a history has a response, and no other.' },
    holds: (it) => haveAll(it, 'response', 'batch-response', 'transaction-response', 'history'),
  },
  {
    ...{ key: 'bdl-5', on: 'Bundle.entry', says: 'a resource, a request or a response must be there.' },
    holds: (it) => has(it, 'resource') || has(it, 'request') || has(it, 'response'),
  },
  {
    ...{ key: 'bdl-7', on: 'Bundle', says: 'a fullUrl is there once for each version.' },
    holds: (it) =>
      it.type === 'history' ||
      areDistinct(
        list(it.entry)
          .filter(({ fullUrl }) => fullUrl)
          .map(versionOf),
      ),
  },
  {
    ...{ key: 'bdl-8', on: 'Bundle.entry', says: 'a fullUrl names no version.' },
    holds: ({ fullUrl }) => !String(fullUrl).includes('/_history/'),
  },
  {
    ...{ key: 'bdl-9', on: 'Bundle', says: 'a document has an identifier with system and value.' },
    holds: (it) => {
      const identifier = member(it, 'identifier')
      return it.type !== 'document' || (has(identifier, 'system') && has(identifier, 'value'))
    },
  },
  {
    ...{ key: 'bdl-10', on: 'Bundle', says: 'a document has a timestamp.' },
    holds: (it) => it.type !== 'document' || it.timestamp !== undefined,
  },
  {
    ...{ key: 'bdl-11', on: 'Bundle', says: 'a document starts with a Composition.' },
    holds: (it) => it.type !== 'document' || firstOf(it) === 'Composition',
  },
  {
    ...{ key: 'bdl-12', on: 'Bundle', says: 'a message starts with a MessageHeader.' },
    holds: (it) => it.type !== 'message' || firstOf(it) === 'MessageHeader',
  },
  {
    ...{ key: 'cmp-1', on: 'Composition.section', says: 'a text, an entry or a section must be there.' },
    holds: (it) => has(it, 'text') || has(it, 'entry') || has(it, 'section'),
  },
  {
    ...{ key: 'cmp-2', on: 'Composition.section', says: 'emptyReason is only there without entries.' },
    holds: (it) => !has(it, 'emptyReason') || !has(it, 'entry'),
  },
  {
    ...{ key: 'ppc-1', on: 'Consent', says: 'a policy or a policyRule must be there.' },
    holds: (it) => has(it, 'policy') || has(it, 'policyRule'),
  },
  {
    ...{ key: 'grp-1', on: 'Group', says: 'only an actual group has members.' },
    holds: (it) => !has(it, 'member') || it.actual === true,
  },
  {
    ...{ key: 'lst-1', on: 'List', says: 'emptyReason is only there without entries.' },
    holds: (it) => !has(it, 'emptyReason') || !has(it, 'entry'),
  },
  {
    ...{ key: 'lst-2', on: 'List', says: 'only a list of changes has what was deleted.' },
    holds: (it) => it.mode === 'changes' || list(it.entry).every((entry) => !has(entry, 'deleted')),
  },
  {
    ...{ key: 'lst-3', on: 'List', says: 'only a working list has dates of entries.' },
    holds: (it) => it.mode === 'working' || list(it.entry).every((entry) => !has(entry, 'date')),
  },
  {
    ...{ key: 'inv-1', on: 'Parameters.parameter', says: 'one of a value, a resource and parts.' },
    holds: (it) => [hasChoice(it, 'value'), has(it, 'resource'), has(it, 'part')].filter(Boolean).length === 1,
  },
  {
    ...{ key: 'inv-1', on: 'Task', says: 'lastModified is not before authoredOn.' },
    holds: ({ authoredOn, lastModified }) => isInOrder(authoredOn, lastModified),
  },
  {
    ...{ key: 'qrs-1', on: 'QuestionnaireResponse.item', says: 'either answers or items.' },
    holds: (it) => !has(it, 'answer') || !has(it, 'item'),
  },
]

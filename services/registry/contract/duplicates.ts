import { Type } from 'typebox'
import {
  CalendarDate,
  Closed,
  Gender,
  Id,
  IdParams,
  Instant,
  Line,
  operation,
  Page,
  PageQuery,
  Prose,
  Version,
} from '#platform/operation.ts'
import { Phone } from '../../identity/contract.ts'

const Name = Line(300, 'Saba Tesfaye')
const BirthDate = Type.String({ ...CalendarDate, examples: ['1987-06-05'] })
const Reason = (example: string) => Line(500, example)

const Score = Type.Number({
  examples: [24],
  description:
    'How many times likelier as one person than as two, as a power of 2; what is compared and why is in docs/decisions/0019',
})
const Agrees = Type.Array(
  Type.String({ examples: ['name:sounds-alike'], description: 'What is compared, and how well it agrees' }),
)
/** What an administrator needs to tell two people apart, and no more. */
const Compared = {
  patient: Id,
  name: Name,
  birthDate: BirthDate,
  gender: Gender,
  phoneEnding: Type.Optional(Type.String({ examples: ['0147'], description: 'Last four digits' })),
}

const Facts = Closed(
  { name: Name, birthDate: BirthDate, gender: Type.Optional(Gender), phone: Type.Optional(Phone) },
  { title: 'PersonToCompare' },
)
const Found = Closed({
  items: Type.Array(Closed({ ...Compared, score: Score, agrees: Agrees }, { title: 'PossibleDuplicate' })),
})

export const findPossibleDuplicates = operation({
  id: 'findPossibleDuplicates',
  method: 'POST',
  url: '/v1/patients/possible-duplicates',
  summary: 'Who is registered already and may be this person',
  description: 'To be asked before somebody is registered. Names may be in any script. Best first, 20 at most.',
  access: 'Duplicate.s',
  idempotent: false,
  status: 200,
  body: Facts,
  response: Found,
})
export const findDuplicatesAtDesk = operation({
  id: 'findDuplicatesAtDesk',
  method: 'POST',
  url: '/v1/organisations/:id/patients/possible-duplicates',
  summary: 'Who of an organisation’s patients may be this person',
  description:
    'To be asked at its desk before somebody is registered. Names may be in any script. Patients of others are not shown: whether two of those are one, an administrator decides.',
  access: 'Registration.s',
  params: IdParams,
  idempotent: false,
  status: 200,
  body: Facts,
  response: Found,
})

const Status = Type.Enum(['open', 'dismissed', 'merged'], { examples: ['open'] })
export const Duplicate = Closed(
  {
    id: Id,
    status: Status,
    score: Score,
    agrees: Agrees,
    patients: Type.Array(Closed(Compared, { title: 'ComparedPatient' }), {
      description: 'Both, the one with the lower id first',
    }),
    reason: Type.Optional(Prose(500, 'Twins; both were at the desk')),
    decidedAt: Type.Optional(Instant),
    version: Version,
  },
  { title: 'Duplicate' },
)

export const listDuplicates = operation({
  id: 'listDuplicates',
  method: 'GET',
  url: '/v1/duplicates',
  summary: 'List pairs of patients that may be one person, likeliest first',
  access: 'Duplicate.s',
  query: Closed({
    status: Type.Optional(Type.Enum(['open', 'dismissed', 'merged'], { default: 'open', examples: ['open'] })),
    ...PageQuery,
  }),
  response: Page(Duplicate),
})
export const dismissDuplicate = operation({
  id: 'dismissDuplicate',
  method: 'POST',
  url: '/v1/duplicates/:id/dismiss',
  summary: 'Say that two patients are not the same',
  description: 'The pair is not suggested again.',
  access: 'Duplicate.u',
  params: IdParams,
  body: Closed({ reason: Reason('Twins; both were at the desk') }, { title: 'DuplicateDismissal' }),
  ifMatch: true,
  response: Duplicate,
  problems: ['business-rule'],
})

const Moved = Type.Array(Id)
export const Merge = Closed(
  {
    id: Id,
    survivor: Id,
    replaced: Id,
    status: Type.Enum(['standing', 'undone'], { examples: ['standing'] }),
    reason: Prose(500, 'Same person: passport seen'),
    mergedAt: Instant,
    undoneAt: Type.Optional(Instant),
    undoReason: Type.Optional(Prose(500, 'Two people after all')),
    moved: Closed(
      { mandates: Moved, grants: Type.Integer({ examples: [2] }) },
      {
        title: 'MovedByMerge',
        description: 'What went from the replaced patient to the survivor, and goes back when this is undone',
      },
    ),
    setAside: Type.Array(Id, {
      description:
        'Mandates that were ended, since the survivor had one for the same caregiver and time; given back when this is undone',
    }),
    version: Version,
  },
  { title: 'Merge' },
)

export const createMerge = operation({
  id: 'createMerge',
  method: 'POST',
  url: '/v1/merges',
  summary: 'Make two patients one',
  description:
    'The survivor keeps its id. What hung on the other follows: access of its account, mandates, treatment, appointments. Both accounts then have the survivor as themselves, and are told. It can be undone. Not by whoever is one of the two, cares for or treats them.',
  access: 'Merge.c',
  body: Closed({ survivor: Id, replaced: Id, reason: Reason('Same person: passport seen') }, { title: 'NewMerge' }),
  status: 201,
  response: Merge,
  problems: ['not-found', 'business-rule', 'conflict'],
})
export const readMerge = operation({
  id: 'readMerge',
  method: 'GET',
  url: '/v1/merges/:id',
  summary: 'Read what a merge has moved',
  access: 'Merge.r',
  params: IdParams,
  response: Merge,
})
export const undoMerge = operation({
  id: 'undoMerge',
  method: 'POST',
  url: '/v1/merges/:id/undo',
  summary: 'Part two patients that were merged',
  description:
    'Each gets back exactly what it had. What was made since stays with the survivor, and is listed under `stays`, for a person to look through. Not by whoever is one of the two, cares for or treats them.',
  access: 'Merge.u',
  params: IdParams,
  body: Closed({ reason: Reason('Two people after all') }, { title: 'MergeUndoing' }),
  ifMatch: true,
  response: Closed(
    {
      ...Merge.properties,
      stays: Closed({ mandates: Moved, appointments: Moved }, { title: 'MadeSinceMerge' }),
    },
    { title: 'UndoneMerge' },
  ),
  problems: ['business-rule'],
})

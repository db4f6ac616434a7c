import { Type } from 'typebox'
import { Closed, Id, IdParams, Instant, operation, Version } from '#platform/operation.ts'
import { Attachment, Sections, sectionNames } from './note.ts'

const SectionName = Type.Enum(sectionNames, { examples: ['plan'] })

const Question = Closed(
  {
    pointer: Type.String({ examples: ['/body/sections/vitals/0/value'] }),
    detail: Type.String(),
    plausible: Type.Optional(
      Closed({ low: Type.Number(), high: Type.Optional(Type.Number()), unit: Type.String({ examples: ['Cel'] }) }),
    ),
  },
  { title: 'NoteQuestion' },
)

export const Draft = Closed(
  {
    consultation: Id,
    sections: Sections,
    changes: Type.Array(
      Closed({ section: SectionName, version: Version, by: Id, at: Instant }, { title: 'SectionChange' }),
      { description: 'Who changed each section last, and in which version of the draft' },
    ),
    amends: Type.Optional({ ...Version, description: 'The version of the note that it is to replace' }),
    reason: Type.Optional(Type.String({ description: 'Why' })),
    attachments: Type.Array(Attachment, { description: 'That are to be signed with it' }),
    questions: Type.Array(Question, {
      description: 'What has to be answered before it can be signed; it is kept as it is until then',
    }),
    updatedAt: Instant,
    version: Version,
  },
  { title: 'NoteDraft' },
)

export const readDraft = operation({
  id: 'readNoteDraft',
  method: 'GET',
  url: '/v1/consultations/:id/draft',
  summary: 'Read the draft of a note',
  description: 'By those who give the consultation, and nobody else.',
  access: 'Composition.u',
  params: IdParams,
  response: Draft,
})

export const saveDraft = operation({
  id: 'saveNoteDraft',
  method: 'PATCH',
  url: '/v1/consultations/:id/draft',
  summary: 'Save sections of a draft, as they are typed',
  description:
    'Only those that are sent are changed. Where somebody else changed other sections since the version in If-Match, both stand; where they changed one of these, nothing is written, and 412 says in `changed` which, by whom, when, and what it says now. A draft waits however long a connection is lost.',
  access: 'Composition.u',
  params: IdParams,
  ifMatch: true,
  body: Closed({ sections: Sections }, { title: 'DraftChange', examples: [{ sections: { plan: 'Rest' } }] }),
  response: Draft,
})

export const discardDraft = operation({
  id: 'discardNoteDraft',
  method: 'DELETE',
  url: '/v1/consultations/:id/draft',
  summary: 'Give up the draft of an amendment',
  description:
    'What was signed stays as it is. A first draft is given up by saying that the consultation was entered in error.',
  access: 'Composition.u',
  params: IdParams,
  ifMatch: true,
  problems: ['business-rule'],
})

import { Type } from 'typebox'
import {
  Closed,
  event,
  Id,
  IdParams,
  Instant,
  operation,
  Page,
  PageQuery,
  Prose,
  Version,
} from '#platform/operation.ts'
import { Mode } from '../scheduling/contract/schedules.ts'
import { Attachment, Sections } from './contract/note.ts'

/** As a patient refuses them (platform/migrations/0008_consent.sql). */
const Category = Type.Enum(['general', 'mental-health', 'sexual-health', 'hiv', 'substance-use'], {
  examples: ['general'],
  description: 'Whether it is of a kind that a patient can keep from others; left out: as the visit was booked',
})

const Link = Type.String({
  maxLength: 500,
  pattern: '^https://[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::\\d{1,5})?(?:/[!-~]*)?$',
  examples: ['https://meet.example.org/room-4'],
  description:
    'Where both meet by video. It is shown for twelve hours, and deleted when the note is signed; this service never looks at it',
})

const Practitioners = Type.Array(Id, {
  maxItems: 5,
  uniqueItems: true,
  description: 'Who give it too: they write in the same draft, where they treat the patient',
})

const status = Type.Enum(['in-progress', 'final', 'amended', 'entered-in-error'], {
  examples: ['final'],
  description: '`final`: the note is signed. `amended`: it has been signed anew since',
})

const facts = {
  id: Type.String({ ...Id, description: 'Also of its Encounter' }),
  status,
  patient: Id,
  practitioner: Type.String({ ...Id, description: 'Who began it' }),
  practitioners: Practitioners,
  appointment: Type.Optional(Id),
  queueEntry: Type.Optional(Id),
  mode: Mode,
  link: Type.Optional(Link),
  category: Category,
  startedAt: Instant,
  signedAt: Type.Optional(Instant),
  version: Version,
}

export const ConsultationSummary = Closed(facts, { title: 'ConsultationSummary' })

export const Signature = Closed(
  {
    noteVersion: Version,
    by: Type.String({ ...Id, description: 'The practitioner' }),
    as: Type.Enum(['author', 'verification'], { examples: ['author'], description: '`verification`: co-signed' }),
    at: Instant,
    reason: Type.Optional(Type.String({ description: 'Why it was amended, or is in error' })),
    verified: Type.Boolean({
      examples: [true],
      description: 'Whether what is kept is, at this moment, what was signed then',
    }),
    why: Type.Optional(
      Type.Enum(['missing', 'malformed', 'unknown-key', 'withdrawn-key', 'altered'], { examples: ['altered'] }),
    ),
  },
  { title: 'NoteSignature' },
)

export const Consultation = Closed(
  {
    ...facts,
    noteVersion: Type.Optional({
      ...Version,
      description: 'Of the note that is shown; there is none before it is signed',
    }),
    sections: Type.Optional(Sections),
    bodyMassIndex: Type.Optional(
      Type.Number({ examples: [23.4], description: 'kg/m2, computed of the weight and height of the note' }),
    ),
    attachments: Type.Array(Attachment),
    signatures: Type.Array(Signature, {
      description: 'The oldest first. Each version of the note has that of its author',
    }),
  },
  { title: 'Consultation' },
)

export const beginConsultation = operation({
  id: 'beginConsultation',
  method: 'POST',
  url: '/v1/consultations',
  summary: 'Begin a consultation',
  description:
    'Of a visit that has arrived, of somebody who was called from a queue, or of a patient whom one treats: exactly one of `appointment`, `queueEntry` and `patient`. What was begun already is answered as it stands.',
  access: 'Encounter.c',
  body: Closed(
    {
      appointment: Type.Optional(Id),
      queueEntry: Type.Optional(Id),
      patient: Type.Optional(Id),
      mode: Type.Optional(Mode),
      link: Type.Optional(Link),
      category: Type.Optional(Category),
      practitioners: Type.Optional(Practitioners),
    },
    { title: 'NewConsultation', examples: [{ appointment: '018f3a5e-7c1b-7d2e-9f30-5a6b7c8d9e0f' }] },
  ),
  problems: ['not-found', 'business-rule'],
  status: 201,
  response: ConsultationSummary,
})

export const listConsultations = operation({
  id: 'listConsultations',
  method: 'GET',
  url: '/v1/consultations',
  summary: 'List consultations that one may see, the newest first',
  access: 'Encounter.s',
  patient: 'condition',
  query: Closed({
    patient: Type.Optional(Id),
    mine: Type.Optional(Type.Boolean({ examples: [true], description: 'Only those that one gives' })),
    status: Type.Optional(status),
    ...PageQuery,
  }),
  response: Page(ConsultationSummary),
})

export const readConsultation = operation({
  id: 'readConsultation',
  method: 'GET',
  url: '/v1/consultations/:id',
  summary: 'Read a consultation, with its note once that is signed',
  description: 'Each signature is verified anew. `noteVersion` shows what the note said before it was amended.',
  access: 'Encounter.r',
  patient: 'condition',
  params: IdParams,
  query: Closed({ noteVersion: Type.Optional(Version) }),
  response: Consultation,
})

export const signConsultation = operation({
  id: 'signConsultation',
  method: 'POST',
  url: '/v1/consultations/:id/sign',
  summary: 'Sign the draft: from now on it is part of the record',
  description:
    'By whoever writes in the draft, in the version that they have read. Values outside the plausible that nobody confirmed, and such without a unit, are asked back (422). Nothing is ever overwritten: `amendConsultation` makes another version.',
  access: 'Composition.c',
  params: IdParams,
  ifMatch: true,
  problems: ['business-rule'],
  response: Consultation,
})

export const cosignConsultation = operation({
  id: 'cosignConsultation',
  method: 'POST',
  url: '/v1/consultations/:id/cosign',
  summary: 'Sign what a colleague has signed',
  description:
    'By a second practitioner who treats the patient; of the version of the consultation that they have read.',
  access: 'Composition.c',
  params: IdParams,
  ifMatch: true,
  problems: ['business-rule', 'duplicate'],
  response: Consultation,
})

const Reason = { ...Prose(500, 'The other knee'), minLength: 1 }

export const amendConsultation = operation({
  id: 'amendConsultation',
  method: 'POST',
  url: '/v1/consultations/:id/amend',
  summary: 'Begin a new version of a signed note',
  description:
    'Makes a draft of what was signed. Until that is signed nothing has changed; what it replaces stays readable, with the reason.',
  access: 'Composition.u',
  params: IdParams,
  ifMatch: true,
  body: Closed({ reason: Reason }, { title: 'Amendment' }),
  problems: ['business-rule', 'duplicate'],
  response: ConsultationSummary,
})

export const enterInError = operation({
  id: 'enterConsultationInError',
  method: 'POST',
  url: '/v1/consultations/:id/entered-in-error',
  summary: 'Say that a consultation was entered in error',
  description:
    'All that its note has written is marked so, and stays. Problems that others have changed since stay as they are. A first draft is given up with it; that of an amendment is discarded first, or signed.',
  access: 'Composition.u',
  params: IdParams,
  ifMatch: true,
  body: Closed({ reason: Reason }, { title: 'ErrorNoted' }),
  problems: ['business-rule'],
  response: ConsultationSummary,
})

export const messageSent = event('Consultation.messageSent', {
  message: Id,
  patient: Id,
  practitioner: Id,
  /** The account that wrote it. */
  by: Id,
})

export const readThreadMessageCard = operation({
  id: 'readThreadMessageCard',
  method: 'GET',
  url: '/v1/thread-messages/:id/card',
  summary: 'Between whom a message is, and of which category; not what it says',
  access: 'house',
  params: IdParams,
  response: Closed({ id: Id, patient: Id, practitioner: Id, category: Type.String() }),
})

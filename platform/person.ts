import { type Static, Type } from 'typebox'
import { Closed, Id } from './operation.ts'

// The words in which rooms speak of one person; see people.ts.

export const Person = Closed({
  account: Type.Optional(Id),
  patient: Type.Optional(Id),
  practitioner: Type.Optional(Id),
  caregiver: Type.Optional(Id),
  names: Type.Array(Type.String({ maxLength: 400 }), {
    description: 'By which texts of others about them are found where nothing else says whom they are about',
  }),
})
/** Everything that one person is here. */
export type Person = Static<typeof Person>

export const Part = Type.Object({
  /** Rows of plain values, by what they are called for people. */
  data: Type.Record(Type.String(), Type.Array(Type.Record(Type.String(), Type.Unknown()))),
  /** FHIR R4 resources. */
  fhir: Type.Array(Type.Record(Type.String(), Type.Unknown())),
})
export type AboutPerson = Static<typeof Part>

const Trace = Closed({
  what: Type.String(),
  outcome: Type.Enum(['erased', 'pseudonymised', 'kept']),
  count: Type.Integer(),
  why: Type.Optional(Type.String()),
  until: Type.Optional(Type.String()),
})
/** What became of one kind of thing. Words for people, without anything personal. */
export type Trace = Static<typeof Trace>
export const Traces = Type.Object({ traces: Type.Array(Trace) })

// The part of FHIRPath (hl7.org/fhirpath/N1) that says where something stands in a resource: what parsePath() understands, and findPlaces() follows.

/** Steps one after another: `Patient.name[0].given`. */
export type Path = readonly Step[]

export type Step =
  | { kind: 'member'; name: string }
  | { kind: 'index'; index: number }
  | { kind: 'this' }
  | { kind: 'where'; criteria: Expression }
  | { kind: 'ofType'; type: string }
  | { kind: 'extension'; url: string }
  | { kind: 'first' | 'last' | 'tail' | 'single' }
  | { kind: 'skip' | 'take'; count: number }

export type Expression =
  | { kind: 'and' | 'or' | 'xor'; left: Expression; right: Expression }
  | { kind: '=' | '!='; left: Expression; right: Expression }
  | { kind: 'not' | 'exists' | 'empty'; of: Expression }
  | { kind: 'literal'; value: string | number | boolean }
  | { kind: 'path'; path: Path }

import { type FieldError, Problem } from '#platform/errors.ts'
import type { FhirParameter } from '#platform/operation.ts'

/** The value[x] in which a parameter of a type comes; of a reference, any in which one can be written. */
const MEMBERS: Readonly<Record<FhirParameter['type'], readonly string[]>> = {
  uri: ['valueUri', 'valueUrl', 'valueReference'],
  string: ['valueString'],
  Reference: ['valueReference'],
  code: ['valueCode'],
  dateTime: ['valueDateTime'],
  instant: ['valueInstant'],
  integer: ['valueInteger'],
  boolean: ['valueBoolean'],
  Appointment: ['resource'],
  Patient: ['resource'],
  Bundle: ['resource'],
}

type Given = { name: string } & Record<string, unknown>

interface Values {
  readonly values: Readonly<Record<string, unknown>>
  /** Where a value stands, as a JSON pointer; of one that is not there, where it would. */
  at(name: string): string
}

/** The values of a Parameters resource by their names: each once, and each in the value[x] of its type (hl7.org/fhir/R4/parameters.html). */
export function parametersIn({ parameter }: { parameter: readonly Given[] }, known: readonly FhirParameter[]): Values {
  const values: Record<string, unknown> = {}
  const places = new Map<string, string>()
  const errors: FieldError[] = []
  for (const [i, given] of parameter.entries()) {
    const { name } = given
    const at = `/body/parameter/${i}`
    const { member, faults } = memberOf(given, known, at)
    errors.push(...faults)
    if (places.has(name)) errors.push({ pointer: `${at}/name`, detail: 'comes once' })
    if (member === undefined) continue
    places.set(name, pointerTo(at, member))
    values[name] = member === REFERENCE ? (given[member] as { reference: string }).reference : given[member]
  }
  for (const { name } of known.filter(({ use, min }) => use === 'in' && min === 1))
    if (!places.has(name)) errors.push({ pointer: '/body/parameter', detail: `lacks ${name}` })
  if (errors.length > 0)
    throw new Problem('invalid', 'Parts of the request are wrong; see errors.', { errors: errors.slice(0, 20) })
  return { values, at: (name) => places.get(name) ?? '/body/parameter' }
}

const REFERENCE = 'valueReference'
const pointerTo = (at: string, member: string) => `${at}/${member}${member === REFERENCE ? '/reference' : ''}`

/** The member that has the value of one parameter, and what is wrong with it. */
function memberOf({ name, ...rest }: Given, known: readonly FhirParameter[], at: string) {
  const members = MEMBERS[known.find((one) => one.name === name && one.use === 'in')?.type ?? 'string']
  const there = Object.keys(rest).filter((member) => rest[member] !== undefined)
  const [member, ...more] = there.filter((one) => members.includes(one))
  const faults: FieldError[] = [
    ...there
      .filter((one) => !members.includes(one))
      .map((one) => ({ pointer: pointerTo(at, one), detail: `is not how ${name} comes: ${members.join(' or ')}` })),
    ...more.map((one) => ({ pointer: pointerTo(at, one), detail: 'is one value too many' })),
    ...(member === undefined ? [{ pointer: `${at}/${members[0]}`, detail: 'is missing' }] : []),
  ]
  return { member, faults }
}

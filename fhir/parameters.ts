import { Problem } from '#platform/errors.ts'
import type { FhirParameter } from '#platform/operation.ts'

/** The value[x] in which a parameter of a type comes; of a reference, any in which one can be written. */
const MEMBERS: Readonly<Record<FhirParameter['type'], readonly string[]>> = {
  uri: ['valueUri', 'valueUrl', 'valueReference'],
  string: ['valueString'],
  code: ['valueCode'],
  dateTime: ['valueDateTime'],
  integer: ['valueInteger'],
  Appointment: ['resource'],
  Bundle: ['resource'],
}

type Given = { name: string } & Record<string, unknown>

/** The values of a Parameters resource by their names: each once, and each in the value[x] of its type (hl7.org/fhir/R4/parameters.html). */
export function parametersIn(
  { parameter }: { parameter: readonly Given[] },
  known: readonly FhirParameter[],
): Readonly<Record<string, unknown>> {
  const read: Record<string, unknown> = {}
  const errors: { pointer: string; detail: string }[] = []
  for (const [i, { name, ...rest }] of parameter.entries()) {
    const at = `/body/parameter/${i}`
    const members = MEMBERS[known.find((one) => one.name === name && one.use === 'in')?.type ?? 'string']
    const there = Object.keys(rest).filter((member) => rest[member] !== undefined)
    for (const member of there.filter((one) => !members.includes(one)))
      errors.push({ pointer: `${at}/${member}`, detail: `is not how ${name} comes: ${members.join(' or ')}` })
    const [first, ...more] = there.filter((one) => members.includes(one))
    if (first === undefined) errors.push({ pointer: `${at}/${members[0]}`, detail: 'is missing' })
    for (const member of more) errors.push({ pointer: `${at}/${member}`, detail: 'is one value too many' })
    if (Object.hasOwn(read, name)) errors.push({ pointer: `${at}/name`, detail: 'comes once' })
    if (first !== undefined)
      read[name] = first === 'valueReference' ? (rest[first] as { reference: string }).reference : rest[first]
  }
  for (const { name } of known.filter(({ use, min }) => use === 'in' && min === 1))
    if (!Object.hasOwn(read, name)) errors.push({ pointer: '/body/parameter', detail: `lacks ${name}` })
  if (errors.length > 0)
    throw new Problem('invalid', 'Parts of the request are wrong; see errors.', { errors: errors.slice(0, 20) })
  return read
}

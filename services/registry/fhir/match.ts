import type { Static } from 'typebox'
import { parametersIn } from '#fhir/parameters.ts'
import { FHIR_BASE } from '#platform/capability-statement.ts'
import type { Context } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { matchPatients } from '../contract/fhir/match.ts'
import type { Tables } from '../database.ts'
import { findPossibleDuplicates } from '../duplicates/review.ts'

type Body = Static<typeof matchPatients.body>
type Somebody = NonNullable<Body['parameter'][number]['resource']>
type Found = Awaited<ReturnType<typeof findPossibleDuplicates>>['items'][number]

const GRADE = 'http://hl7.org/fhir/StructureDefinition/match-grade'

/** hl7.org/fhir/R4/patient-operation-match.html, by the comparison of docs/decisions/0019. */
export async function match(ctx: Context<Tables>, body: Body): Promise<Static<typeof matchPatients.response>> {
  const { values, at } = parametersIn(body, matchPatients.fhir.operation.parameters)
  const { items } = await findPossibleDuplicates(ctx, factsOf(values.resource as Somebody, at('resource')))
  const isCertain = items.length === 1 && CERTAIN.every((one) => items[0]?.agrees.includes(one))
  const shown =
    values.onlyCertainMatches === true && !isCertain ? [] : items.slice(0, values.count as number | undefined)
  const entry = shown.map((one) => entryOf(one, isCertain, ctx.config.PUBLIC_URL))
  return { resourceType: 'Bundle', type: 'searchset', total: entry.length, ...(entry.length > 0 && { entry }) }
}

const CERTAIN = ['name:same', 'birthDate:same', 'phone:same']

function factsOf({ name = [], birthDate, gender, telecom = [] }: Somebody, at: string) {
  const [first] = name
  const text = first?.text ?? [...(first?.given ?? []), first?.family].filter((part) => part !== undefined).join(' ')
  const missing = [...(text === '' ? ['name'] : []), ...(birthDate === undefined ? ['birthDate'] : [])]
  if (birthDate === undefined || missing.length > 0)
    throw new Problem('invalid', 'A person is compared by name and birth date; send both.', {
      errors: missing.map((one) => ({ pointer: `${at}/${one}`, detail: 'is missing' })),
    })
  // One that is in no international form cannot be compared, and says nothing.
  const phone = telecom.find(
    ({ system, value }) => system === 'phone' && value !== undefined && E164.test(value),
  )?.value
  return { name: text, birthDate, ...(gender && { gender }), ...(phone !== undefined && { phone }) }
}

const E164 = /^\+[1-9]\d{6,14}$/

/** The score is log2 of how many times likelier it is that they are one than that they are two: as a probability, where both were as likely before. */
const entryOf = ({ patient, name, birthDate, gender, score }: Found, isCertain: boolean, publicUrl: string) => ({
  fullUrl: `${publicUrl}${FHIR_BASE}/Patient/${patient}`,
  resource: { resourceType: 'Patient' as const, id: patient, name: [{ text: name }], gender, birthDate },
  search: {
    extension: [{ url: GRADE, valueCode: isCertain ? 'certain' : 'probable' }],
    mode: 'match' as const,
    score: 2 ** score / (1 + 2 ** score),
  },
})

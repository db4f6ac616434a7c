import { Problem } from '#platform/errors.ts'
import type { FaceOperation } from '#platform/fhir-face.ts'
import { accepted } from '#platform/language.ts'
import { requiredTypes, summaryTypes } from '../documents/sections.ts'
import { summarise } from '../documents/summarise.ts'
import type { Asked, Face, Interaction } from '../interactions/asked.ts'
import { wrong } from '../interactions/page-asked.ts'
import { permitted, permittedTypes } from '../interactions/permitted.ts'
import { nowhere } from '../interactions/read.ts'
import { parseQuery } from '../query/parse-query.ts'
import { searchParameter } from '../search-parameters.ts'
import { findResources } from '../store/find.ts'
import { seerOf } from '../store/seer.ts'
import { inputOf, parametersOf } from './input.ts'

const PROFILE = 'http://hl7.org/fhir/uv/ips/StructureDefinition/Bundle-uv-ips'

/** hl7.org/fhir/uv/ips/STU1.1/OperationDefinition-summary.html: of one patient, or of the one who has an identifier. */
export const summary: Interaction = async (ctx, asked, face) => {
  const { identifier, profile } = input(asked)
  if (profile !== undefined && profile.split('|')[0] !== PROFILE)
    throw wrong('profile', 'must be that of the International Patient Summary, or nothing')
  const { types: readable, actor } = permittedTypes(asked, summaryTypes, 'r')
  if (!requiredTypes.every((type) => readable.includes(type)))
    throw new Problem(
      'forbidden',
      'A summary needs the right to read Patient, Condition, AllergyIntolerance, MedicationRequest and MedicationStatement.',
    )
  const own = { ...ctx, actor }
  const patient = asked.id === '' ? await identified(own, asked, identifier, face) : asked.id
  const language = accepted(asked.headers['accept-language']) ?? ctx.config.DEFAULT_LANGUAGE
  const document = await summarise(own, { base: face.base, patient, language, types: readable })
  return { status: 200, headers: { 'content-language': language }, body: JSON.stringify(document) }
}

/** Also `identifer`, as the definition of HL7 has it. */
function input(asked: Asked): { identifier: string | undefined; profile: string | undefined } {
  const isIdentifier = ({ name }: { name: string }) => name === 'identifier' || name === 'identifer'
  const given = asked.body === undefined || asked.body === null ? [] : parametersOf(asked.body)
  const identifiers = given.flatMap((one) => (isIdentifier(one) && one.valueIdentifier ? [one.valueIdentifier] : []))
  const simple = given.filter((one) => !(isIdentifier(one) && one.valueIdentifier))
  const body = simple.length > 0 ? { resourceType: 'Parameters', parameter: simple } : undefined
  const words = inputOf({ ...asked, body })
  const [first] = identifiers as { system?: string; value?: string }[]
  const written = words.get('identifier') ?? words.get('identifer') ?? undefined
  const identifier = first === undefined ? written : `${escaped(first.system ?? '')}|${escaped(first.value ?? '')}`
  return { identifier, profile: words.get('profile') ?? undefined }
}

/** hl7.org/fhir/R4/search.html#escaping. */
const escaped = (text: string) => text.replace(/[\\,|$]/g, (sign) => `\\${sign}`)

/** The one patient who has this identifier and may be seen. */
async function identified(
  ctx: Parameters<Interaction>[0],
  asked: Asked,
  identifier: string | undefined,
  { base }: Face,
): Promise<string> {
  if (identifier === undefined) throw wrong('identifier', 'must be there, where no patient is named')
  const own = new URLSearchParams({ identifier, _count: '2' })
  const query = parseQuery(['Patient'], own, { base, strict: true, parameters: searchParameter })
  const { query: allowed, actor } = permitted(query, ctx.actor, asked)
  const { rows } = await findResources(ctx.db, allowed, seerOf({ ...ctx, actor }))
  const [first, second] = rows
  if (!first) throw nowhere()
  if (second) throw wrong('identifier', 'is that of several patients: name one of them')
  return first.id
}

export const summaryDefinition: FaceOperation = {
  id: 'Patient-summary',
  name: 'Summary',
  description:
    'A document by the International Patient Summary 1.1.0, of what whoever asks may see, in the language that Accept-Language prefers. Made when it is asked for, and kept nowhere.',
  ...{ affectsState: false, code: 'summary', resource: ['Patient'], type: true, instance: true },
  parameter: [
    {
      ...{ name: 'identifier', use: 'in', min: 0, max: '1', type: 'Identifier' },
      documentation:
        'Of the patient, where their id is not in the address; in an address as a search has it: system|value',
    },
    { name: 'profile', use: 'in', min: 0, max: '1', type: 'uri', documentation: `${PROFILE}, or nothing` },
    { name: 'return', use: 'out', min: 1, max: '1', type: 'Bundle', documentation: 'The document' },
  ],
}

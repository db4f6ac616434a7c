import { Problem } from '#platform/errors.ts'
import type { Interaction } from '../interactions/asked.ts'
import { codeSystemFor } from './asked-for.ts'
import { type CodeSystem, type ConceptProperty, conceptsOf, type Designation, type Placed } from './code-system.ts'
import { givenIn, wrongParameter } from './given.ts'
import { type Parameter, parametersAnswer } from './parameters-answer.ts'
import { terminologyIn } from './terminology.ts'

const KNOWN = {
  code: 'text',
  system: 'text',
  version: 'text',
  coding: 'coding',
  property: 'text',
  date: 'passed',
  displayLanguage: 'passed',
} as const

/** `value[x]` that an answer may hold: hl7.org/fhir/R4/codesystem-operation-lookup.html. */
const VALUES = [
  'valueCode',
  'valueCoding',
  'valueString',
  'valueInteger',
  'valueBoolean',
  'valueDateTime',
  'valueDecimal',
]
const MOST_CHILDREN = 1_000

/** `$lookup`: how a code is called and what is said of it; with `property`, of that alone. Throws Problem `not-found` where it is not known. */
export const lookup: Interaction = async (ctx, asked) => {
  const given = givenIn(asked, KNOWN)
  const [coding] = given.codings('coding') ?? []
  const code = coding?.code ?? given.text('code')
  if (code === undefined) throw wrongParameter('code', 'must say which code')
  const which = { url: coding?.system ?? given.text('system'), version: given.text('version') }
  const codeSystem = await codeSystemFor(ctx, asked, which, terminologyIn(ctx.db))
  const placed = conceptsOf(codeSystem).find(code)
  if (!placed) throw new Problem('not-found', 'The code system has no such code.')
  return parametersAnswer(answerFor(codeSystem, placed, new Set(given.texts('property'))))
}

function answerFor(codeSystem: CodeSystem, placed: Placed, wanted: ReadonlySet<string>): Parameter[] {
  const { name, title, url = '', version } = codeSystem
  const { code, display = code, definition, designation = [], property = [] } = placed.concept
  const isWanted = (one: string) => wanted.size === 0 || wanted.has(one) || wanted.has('*')
  return [
    { name: 'name', valueString: name ?? title ?? url },
    ...(version === undefined ? [] : [{ name: 'version', valueString: version }]),
    { name: 'display', valueString: display },
    ...(definition === undefined || !isWanted('definition')
      ? []
      : [propertyOf({ code: 'definition', valueString: definition })]),
    ...(isWanted('designation') ? designation.map(designationOf) : []),
    ...[...placesOf(placed), ...property].filter((one) => isWanted(one.code)).map(propertyOf),
  ]
}

/** What the hierarchy says: hl7.org/fhir/R4/codesystem.html#defined-props. */
function placesOf({ parent, concept }: Placed): ConceptProperty[] {
  const children = (concept.concept ?? []).slice(0, MOST_CHILDREN)
  return [
    ...(parent ? [{ code: 'parent', valueCode: parent.concept.code }] : []),
    ...children.map(({ code }) => ({ code: 'child', valueCode: code })),
  ]
}

const designationOf = ({ language, use, value }: Designation): Parameter => ({
  name: 'designation',
  part: [
    ...(language === undefined ? [] : [{ name: 'language', valueCode: language }]),
    ...(use === undefined ? [] : [{ name: 'use', valueCoding: use }]),
    { name: 'value', valueString: value },
  ],
})

const propertyOf = (property: ConceptProperty): Parameter => ({
  name: 'property',
  part: [
    { name: 'code', valueCode: property.code },
    ...VALUES.filter((name) => property[name] !== undefined).map((name) => ({ name: 'value', [name]: property[name] })),
  ],
})

import type { Context } from '#platform/context.ts'
import type { Asked, Interaction } from '../interactions/asked.ts'
import type { Coding } from '../resource.ts'
import { codeSystemFor, valueSetFor } from './asked-for.ts'
import { conceptsOf } from './code-system.ts'
import { type Given, givenIn, wrongParameter } from './given.ts'
import { memberOf } from './membership.ts'
import { type Parameter, parametersAnswer } from './parameters-answer.ts'
import { type Terminology, terminologyIn } from './terminology.ts'
import { workWith } from './work.ts'

const KNOWN = {
  url: 'text',
  valueSet: 'resource',
  valueSetVersion: 'text',
  version: 'text',
  code: 'text',
  system: 'text',
  display: 'text',
  coding: 'coding',
  codeableConcept: 'coding',
  displayLanguage: 'passed',
} as const

/** What was found of a code, with how it is called. */
interface Known {
  display?: string | undefined
  designation?: readonly { value: string }[] | undefined
}

type Find = (coding: Coding & { code: string }) => Promise<Known | undefined>

/**
 * `$validate-code` of ValueSet and of CodeSystem (hl7.org/fhir/R4/valueset-operation-validate-code.html): of several codings it is enough that one is there. A
 * display that is not one of the code's makes the result false.
 */
export const validateCode: Interaction = async (ctx, asked) => {
  const given = givenIn(asked, KNOWN)
  const terminology = terminologyIn(ctx.db)
  const codings = codingsIn(given, asked)
  const find = await (asked.type === 'ValueSet' ? inValueSet : inCodeSystem)(ctx, asked, given, terminology)
  let best: Parameter[] = []
  for (const coding of codings) {
    const known = await find(coding)
    const answer = answerFor(coding, known, asked.type)
    if (answer[0]?.valueBoolean === true) return parametersAnswer(answer)
    if (best.length === 0 || known) best = answer
  }
  return parametersAnswer(best)
}

async function inValueSet(ctx: Context<unknown>, asked: Asked, given: Given, terminology: Terminology): Promise<Find> {
  const valueSet = await valueSetFor(ctx, asked, given, terminology)
  const work = workWith(terminology)
  return ({ system, code }) => memberOf(valueSet, { system, code }, work)
}

async function inCodeSystem(
  ctx: Context<unknown>,
  asked: Asked,
  given: Given,
  terminology: Terminology,
): Promise<Find> {
  const named = given.codings('coding')?.[0]?.system ?? given.codings('codeableConcept')?.[0]?.system
  const which = { url: given.text('url') ?? given.text('system') ?? named, version: given.text('version') }
  const codeSystem = await codeSystemFor(ctx, asked, which, terminology)
  const concepts = conceptsOf(codeSystem)
  return async ({ system, code }) =>
    system === undefined || system === codeSystem.url ? concepts.find(code)?.concept : undefined
}

function codingsIn(given: Given, { type }: Asked): (Coding & { code: string })[] {
  const found = given.codings('coding') ?? given.codings('codeableConcept')
  if (found) return found as (Coding & { code: string })[]
  const [code, system, display] = [given.text('code'), given.text('system'), given.text('display')]
  if (code === undefined) throw wrongParameter('code', 'must say which code, or coding or codeableConcept which')
  return [{ code, ...(system !== undefined && { system }), ...(display !== undefined && { display }) }]
    .map((one) => (type === 'CodeSystem' ? { ...one, system: given.text('url') ?? system } : one))
    .map(({ system, ...rest }) => (system === undefined ? rest : { ...rest, system }))
}

function answerFor({ display }: Coding, known: Known | undefined, type: string): Parameter[] {
  if (!known) {
    const message =
      type === 'ValueSet' ? 'The code is not in the value set.' : 'The code is not one of the code system.'
    return [
      { name: 'result', valueBoolean: false },
      { name: 'message', valueString: message },
    ]
  }
  const names = [known.display, ...(known.designation ?? []).map(({ value }) => value)]
  const isCalledSo = display === undefined || known.display === undefined || names.some((one) => alike(one, display))
  return [
    { name: 'result', valueBoolean: isCalledSo },
    ...(isCalledSo ? [] : [{ name: 'message', valueString: 'The code is there, but is not called so.' }]),
    ...(known.display === undefined ? [] : [{ name: 'display', valueString: known.display }]),
  ]
}

const alike = (one: string | undefined, other: unknown) =>
  typeof other === 'string' && one?.toLowerCase() === other.toLowerCase()

import { Problem } from '#platform/errors.ts'
import type { Interaction } from '../interactions/asked.ts'
import { codeSystemFor } from './asked-for.ts'
import { conceptsOf, isA, type Placed } from './code-system.ts'
import { type Given, givenIn, wrongParameter } from './given.ts'
import { parametersAnswer } from './parameters-answer.ts'
import { terminologyIn } from './terminology.ts'

const KNOWN = {
  codeA: 'text',
  codeB: 'text',
  system: 'text',
  version: 'text',
  codingA: 'coding',
  codingB: 'coding',
} as const

/** `$subsumes` (hl7.org/fhir/R4/codesystem-operation-subsumes.html): whether one code is the other, or above or below it. */
export const subsumes: Interaction = async (ctx, asked) => {
  const given = givenIn(asked, KNOWN)
  const [a, b] = [codeIn(given, 'A'), codeIn(given, 'B')]
  const systems = [...new Set([a.system, b.system].filter((one) => one !== undefined))]
  if (systems.length > 1) throw wrongParameter('codingB', 'must be of the same code system as codingA')
  const which = { url: systems[0] ?? given.text('system'), version: given.text('version') }
  const concepts = conceptsOf(await codeSystemFor(ctx, asked, which, terminologyIn(ctx.db)))
  const [one, other] = [concepts.find(a.code), concepts.find(b.code)]
  if (!one || !other) throw new Problem('not-found', 'The code system has no such code.')
  return parametersAnswer([{ name: 'outcome', valueCode: outcomeOf(one, other) }])
}

function codeIn(given: Given, which: 'A' | 'B'): { code: string; system: string | undefined } {
  const [coding] = given.codings(`coding${which}`) ?? []
  const code = coding?.code ?? given.text(`code${which}`)
  if (code === undefined) throw wrongParameter(`code${which}`, 'must say which code')
  return { code, system: coding?.system }
}

function outcomeOf(one: Placed, other: Placed): 'equivalent' | 'subsumes' | 'subsumed-by' | 'not-subsumed' {
  if (one === other) return 'equivalent'
  if (isA(other, one)) return 'subsumes'
  return isA(one, other) ? 'subsumed-by' : 'not-subsumed'
}

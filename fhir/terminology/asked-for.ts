import type { Context } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import type { Asked } from '../interactions/asked.ts'
import { isThere, nowhere } from '../interactions/read.ts'
import { readSeen } from '../store/read-seen.ts'
import { validate } from '../validate.ts'
import type { CodeSystem } from './code-system.ts'
import { type Given, wrongParameter } from './given.ts'
import type { Terminology } from './terminology.ts'
import type { ValueSet } from './value-set.ts'

/** The value set that an operation is about: that of the address, one that comes with the request, or one by its `url`. */
export async function valueSetFor(
  ctx: Context<unknown>,
  asked: Asked,
  given: Given,
  terminology: Terminology,
): Promise<ValueSet> {
  if (asked.id !== '') return (await instanceOf(ctx, asked)) as ValueSet
  const brought = given.resource('valueSet')
  if (brought) return valid(brought)
  const url = given.text('url')
  if (url === undefined) throw wrongParameter('url', 'must say which value set')
  const version = given.text('valueSetVersion')
  const found = await terminology.valueSet(version === undefined ? url : `${url}|${version}`)
  if (!found) throw new Problem('not-found', 'There is no such value set here.')
  return found
}

/** The same of a code system: in `$lookup` and `$subsumes` its address is called `system`. */
export async function codeSystemFor(
  ctx: Context<unknown>,
  asked: Asked,
  { url, version }: { url: string | undefined; version: string | undefined },
  terminology: Terminology,
): Promise<CodeSystem> {
  if (asked.id !== '') return (await instanceOf(ctx, asked)) as CodeSystem
  if (url === undefined) throw wrongParameter('system', 'must say which code system')
  const found = await terminology.codeSystem(url, version)
  if (!found) throw new Problem('not-found', 'There is no such code system here.')
  return found
}

async function instanceOf(ctx: Context<unknown>, { type, id }: Asked): Promise<unknown> {
  const stored = await readSeen(ctx, { type, id })
  if (!stored) throw nowhere()
  if (!isThere(stored)) throw new Problem('deleted', 'This resource has been deleted. Its history shows what it was.')
  return JSON.parse(stored.body)
}

const onlyValueSets = new Set(['ValueSet'])

function valid(brought: object): ValueSet {
  const [issue] = validate(brought, { types: onlyValueSets, most: 1 })
  if (!issue) return brought as ValueSet
  throw new Problem('invalid', 'The value set that came with the request is not valid R4.', {
    errors: [{ pointer: '/body/parameter/valueSet', detail: issue.diagnostics }],
  })
}

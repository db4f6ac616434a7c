import { newId } from '#platform/ids.ts'
import { fold } from '../indexing/fold.ts'
import type { Interaction } from '../interactions/asked.ts'
import { valueSetFor } from './asked-for.ts'
import { expansionOf } from './expansion.ts'
import { givenIn } from './given.ts'
import { terminologyIn } from './terminology.ts'
import type { Contains } from './value-set.ts'

const KNOWN = {
  url: 'text',
  valueSet: 'resource',
  valueSetVersion: 'text',
  filter: 'text',
  offset: 'text',
  count: 'text',
  includeDesignations: 'text',
  displayLanguage: 'passed',
} as const

/**
 * `$expand` (hl7.org/fhir/R4/valueset-operation-expand.html): the codes of a value set, flat. `filter` looks for its words in codes and displays. Throws Problem
 * `not-found`, `business-rule` where something that it is made of is not kept here, `too-costly` where there are more than 10,000 codes.
 */
export const expand: Interaction = async (ctx, asked, _face) => {
  const given = givenIn(asked, KNOWN)
  const [offset = 0, count, filter] = [given.number('offset'), given.number('count'), given.text('filter')]
  const terminology = terminologyIn(ctx.db)
  const valueSet = await valueSetFor(ctx, asked, given, terminology)
  const codes = await expansionOf(valueSet, terminology, filter === undefined ? {} : { wanted: hasWords(filter) })
  const page = codes.slice(offset, count === undefined ? undefined : offset + count)
  const withDesignations = given.text('includeDesignations') === 'true'
  const { url, version, name, title, status = 'unknown' } = valueSet
  const expansion = {
    identifier: `urn:uuid:${newId()}`,
    timestamp: ctx.now().toISOString(),
    total: codes.length,
    offset,
    parameter: [
      ...(filter === undefined ? [] : [{ name: 'filter', valueString: filter }]),
      ...(count === undefined ? [] : [{ name: 'count', valueInteger: count }]),
    ],
    contains: page.map((one) => shown(one, withDesignations)),
  }
  const body = { resourceType: 'ValueSet', url, version, name, title, status, expansion: withoutEmpty(expansion) }
  return { status: 200, body: JSON.stringify(body) }
}

/** FHIR has no empty lists. */
const withoutEmpty = (expansion: object) =>
  Object.fromEntries(Object.entries(expansion).filter(([, value]) => !Array.isArray(value) || value.length > 0))

const shown = ({ system, code, display, designation }: Contains, withDesignations: boolean) => ({
  ...(system !== '' && { system }),
  ...{ code, display },
  ...(withDesignations && designation && { designation }),
})

const MOST_WORDS = 20

function hasWords(filter: string): (contains: Contains) => boolean {
  const words = fold(filter).split(' ', MOST_WORDS)
  return ({ code, display = '' }) => {
    const text = `${code.toLowerCase().slice(0, 200)} ${fold(display)}`
    return words.every((word) => text.includes(word))
  }
}

import type { SearchParameter } from '../search-parameter.ts'
import { unescaped } from './escaped.ts'
import type { Value } from './query.ts'
import { type Reading, wrong } from './reading.ts'

const ID = /^[A-Za-z0-9.-]{1,64}$/
const TYPE = /^[A-Z][A-Za-z]{1,63}$/
const ABSOLUTE = /^[A-Za-z][A-Za-z0-9+.-]{0,30}:/

/**
 * hl7.org/fhir/R4/search.html#reference: `1`, `Patient/1`, an address below this base, or any other, which a canonical one may have its version behind. `said` is
 * the type of `subject:Patient=1`.
 */
export function parseReference(
  name: string,
  text: string,
  { parameter, said, reading }: { parameter: SearchParameter; said: string | undefined; reading: Reading },
): Extract<Value, { kind: 'reference' | 'reference-url' }> {
  const whole = unescaped(text)
  const local = whole.startsWith(`${reading.base}/`) ? whole.slice(reading.base.length + 1) : whole
  if (ABSOLUTE.test(local)) return { kind: 'reference-url', url: local }
  const parts = local.split('/')
  const [type, id = ''] = parts.length === 1 ? [said ?? only(parameter.targets), parts[0]] : parts
  const fits = parts.length <= 2 && ID.test(id) && (type === undefined || TYPE.test(type))
  if (!fits || (said !== undefined && type !== said)) throw wrong(name, rightFor(parameter, said))
  return { kind: 'reference', type, id }
}

const only = (targets: readonly string[] = []) => (targets.length === 1 ? targets[0] : undefined)

function rightFor({ targets = [] }: SearchParameter, said: string | undefined): string {
  const types = said ? [said] : targets.slice(0, 8)
  const examples = types.length > 0 ? types.map((type) => `${type}/…`).join(', ') : 'Type/…'
  return `must be an id, ${examples} or an absolute address`
}

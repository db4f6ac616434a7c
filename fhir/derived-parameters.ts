import type { SearchParameter } from './search-parameter.ts'

// Search parameters that need no index of their own, since others find the same. An Observation would have three times the rows.

/** `combo-code` of an Observation finds what `code` and `component-code` find together. */
export const partsOf = ({ code }: Pick<SearchParameter, 'code'>): readonly [string, string] | undefined =>
  code.startsWith('combo-') ? [code.slice('combo-'.length), code.replace('combo-', 'component-')] : undefined

/** A composite of the resource itself, such as `code-value-quantity`: whoever has both has both in the same place. */
export const isOfWhole = ({ type, expression }: Pick<SearchParameter, 'type' | 'expression'>): boolean =>
  type === 'composite' && /^[A-Za-z]+$/.test(expression)

export const isDerived = (parameter: SearchParameter): boolean =>
  partsOf(parameter) !== undefined || isOfWhole(parameter)

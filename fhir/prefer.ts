/** How a client wants its answer: hl7.org/fhir/R4/http.html#ops and search.html#errors, RFC 7240. */
export interface Preferences {
  return: 'minimal' | 'representation' | 'OperationOutcome' | undefined
  handling: 'strict' | 'lenient' | undefined
  /** `respond-async`: hl7.org/fhir/R4/async.html. */
  async: boolean
}

const MAX_LENGTH = 2_000
const RETURNS = ['minimal', 'representation', 'OperationOutcome'] as const
const HANDLINGS = ['strict', 'lenient'] as const

/** Of a preference that comes twice the first counts; what is not known, or too long, is as if it were not there: a preference is no demand (RFC 7240 §2). */
export function preferencesIn(header: string | readonly string[] | undefined): Preferences {
  const text = header === undefined || typeof header === 'string' ? (header ?? '') : header.join(',')
  const preferences: Preferences = { return: undefined, handling: undefined, async: false }
  if (text.length > MAX_LENGTH) return preferences
  // Many clients part them by semicolons, which RFC 7240 has for parameters.
  for (const one of text.split(/[,;]/)) {
    const [name = '', value = ''] = one.split('=', 2).map((part) => part.trim())
    const word = value.replace(/^"([^"]*)"$/, '$1').toLowerCase()
    if (name.toLowerCase() === 'return') preferences.return ??= RETURNS.find((known) => known.toLowerCase() === word)
    else if (name.toLowerCase() === 'handling') preferences.handling ??= HANDLINGS.find((known) => known === word)
    else if (name.toLowerCase() === 'respond-async') preferences.async = true
  }
  return preferences
}

import type { Resource } from '#fhir/resource.ts'

// The form of `Patient/{id}/$health-cards-issue`: hl7.org/fhir/uv/smart-health-cards-and-links, OperationDefinition-patient-i-health-cards-issue.

export interface WantedCards {
  /** Types of resources, all of which a card has to hold. */
  types: string[]
  valueSets: string[]
  /** Elements of the patient, as `Patient.name`; none: what cards say of patients. */
  identityClaims: string[]
  /** A FHIR dateTime, however precise. */
  since: string | undefined
}

/** What wallets of the first version say for these. */
const FORMER_TYPES: Readonly<Record<string, string>> = { immunization: 'Immunization', laboratory: 'Observation' }
const TYPE = /^(?:(?:https:\/\/smarthealth\.cards)?#)?([A-Za-z]+)$/
const INSTANT = /^\d{4}(?:-\d\d(?:-\d\d(?:T\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d))?)?)?$/

interface Parameter {
  name?: unknown
  [value: string]: unknown
}

/** What a wallet asks for; undefined where it does not say so in this form. */
export function wantedCards({ resourceType, parameter }: Resource): WantedCards | undefined {
  if (resourceType !== 'Parameters' || !Array.isArray(parameter)) return undefined
  const parameters = parameter as Parameter[]
  const of = (name: string, kind: string) => parameters.filter((one) => one.name === name).map((one) => one[kind])
  const types = of('credentialType', 'valueUri').map((type) =>
    typeof type === 'string' ? TYPE.exec(type)?.[1] : undefined,
  )
  const valueSets = of('credentialValueSet', 'valueUri')
  const identityClaims = of('includeIdentityClaim', 'valueString')
  const [since, ...more] = of('_since', 'valueDateTime')
  const isRight =
    types.length > 0 &&
    types.every((type) => type !== undefined) &&
    [...valueSets, ...identityClaims].every((one) => typeof one === 'string') &&
    more.length === 0 &&
    (since === undefined || (INSTANT.test(String(since)) && !Number.isNaN(Date.parse(String(since)))))
  if (!isRight) return undefined
  return {
    types: types.map((type = '') => FORMER_TYPES[type] ?? type),
    valueSets: valueSets as string[],
    identityClaims: identityClaims as string[],
    since: since as string | undefined,
  }
}

/** The answer; without cards it has no parameter at all. */
export const issuedCards = (cards: readonly string[]) => ({
  resourceType: 'Parameters' as const,
  ...(cards.length > 0 && {
    parameter: cards.map((card) => ({ name: 'verifiableCredential', valueString: card })),
  }),
})

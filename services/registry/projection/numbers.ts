import { Problem } from '#platform/errors.ts'
import type { KeptResource } from '#platform/keeper.ts'
import { inputValidator } from '#platform/validate.ts'
import { createPatientIdentifier } from '../contract/identifiers.ts'
import type { NewNumber } from '../identifiers.ts'

// Numbers of states, taxes and insurers, as a resource says them: they are sealed, and stand in none.

export interface Identifier {
  system?: string
  value?: string
  type?: { coding?: { code?: string }[] }
  assigner?: { display?: string }
}

type Kind = NewNumber['kind']

/** hl7.org/fhir/R4/valueset-identifier-type.html; NN also with a country of three letters behind it. */
const KINDS: readonly (readonly [RegExp, Kind])[] = [
  [/^(NI|NN[A-Z]{0,3}|SS)$/, 'national'],
  [/^TAX$/, 'tax'],
  [/^(HC|JHN|NH|NIIP|MB|SN)$/, 'insurance'],
]
/** hl7.org/fhir/R4/identifier-registry.html */
const SYSTEMS: Readonly<Record<string, { kind: Kind; country: string; issuer?: string }>> = {
  'http://hl7.org/fhir/sid/us-ssn': { kind: 'national', country: 'US' },
  'http://hl7.org/fhir/sid/us-medicare': { kind: 'insurance', country: 'US', issuer: 'Medicare' },
  'http://hl7.org/fhir/sid/us-mbi': { kind: 'insurance', country: 'US', issuer: 'Medicare' },
}

function kindOf({ system = '', type }: Identifier): Kind | undefined {
  const codes = type?.coding?.flatMap(({ code }) => code ?? []) ?? []
  return SYSTEMS[system]?.kind ?? KINDS.find(([pattern]) => codes.some((code) => pattern.test(code)))?.[1]
}

export const isSealed = (identifier: Identifier): boolean => kindOf(identifier) !== undefined

/** Where these are: of a role, which has no number of its own that could be sealed. */
export const sealedAt = ({ identifier = [] }: KeptResource): string[] =>
  (identifier as Identifier[]).flatMap((one, n) => (isSealed(one) ? [`/identifier/${n}`] : []))

interface Contained {
  resourceType: string
  identifier?: Identifier | Identifier[]
}

const numbersOf = ({ resourceType, identifier = [] }: Contained): Identifier[] =>
  /^(Patient|Practitioner|RelatedPerson|Person)$/.test(resourceType) ? [identifier].flat() : []

/** Where people who are told of within a resource have such numbers, which nobody could seal. */
export const numbersWithin = ({ contained = [] }: KeptResource): string[] =>
  (contained as Contained[]).flatMap((one, n) =>
    numbersOf(one).flatMap((number, i) => (isSealed(number) ? [`/contained/${n}/identifier/${i}`] : [])),
  )

/** These people, without them. */
export const withoutNumbersWithin = ({ contained, ...resource }: KeptResource): KeptResource =>
  contained === undefined
    ? resource
    : {
        ...resource,
        contained: (contained as Contained[]).map((one) => {
          const kept = numbersOf(one).filter((number) => !isSealed(number))
          const { identifier: _all, ...rest } = one
          return numbersOf(one).length === kept.length ? one : { ...rest, ...(kept.length > 0 && { identifier: kept }) }
        }),
      }

const check = inputValidator({
  ...{ method: 'POST', url: '/', summary: '', access: 'house' },
  ...{ id: 'sealIdentifier', body: createPatientIdentifier.body },
})

/** Each with its place. The country is that of the number, else that where they live. */
export function numbersIn({ identifier = [], address = [] }: KeptResource): { number: NewNumber; at: string }[] {
  const home = (address as { country?: string }[])[0]?.country
  return (identifier as Identifier[]).flatMap((one, n) => {
    const kind = kindOf(one)
    if (kind === undefined) return []
    const { country = home, issuer = one.assigner?.display } = SYSTEMS[one.system ?? ''] ?? {}
    const number = { kind, country, value: one.value, ...(issuer !== undefined && { issuer }) }
    return { number: checked(number, `/identifier/${n}`), at: `/identifier/${n}` }
  })
}

function checked(number: object, at: string): NewNumber {
  try {
    check({ params: {}, query: {}, body: number })
    return number as NewNumber
  } catch (cause) {
    throw numberAt(at, cause)
  }
}

/** What /v1 says of a number, at its place in the resource: never any of it. */
export function numberAt(at: string, cause: unknown): unknown {
  if (!(cause instanceof Problem)) return cause
  const details = (cause.errors ?? []).map(({ pointer, detail }) => `${pointer.split('/').at(-1)} ${detail}`)
  const detail = `is a number of a state, tax or insurer, which is sealed; ${details.join('; ') || 'it is refused'}. A country is taken from the address, an issuer from assigner.display`
  return new Problem('business-rule', 'It cannot be kept as it is; see errors.', {
    cause,
    errors: [{ pointer: at, detail }],
  })
}

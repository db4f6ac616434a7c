import { newId } from '#platform/ids.ts'
import { isObject } from '../indexing/json-object.ts'
import type { Resource } from '../resource.ts'
import { completed } from './absent.ts'

/** A resource in a document, under the address by which others in it refer to it. */
export interface Part {
  fullUrl: string
  resource: Resource
}

/** Of what is kept here. */
export const partOf = (base: string, resource: Resource): Part => ({
  fullUrl: `${base}/${resource.resourceType}/${resource.id}`,
  resource,
})

/** Of what is made for a document, and is in no other place. */
export function madePart(resource: Resource): Part {
  const id = newId()
  return { fullUrl: `urn:uuid:${id}`, resource: { ...resource, id } }
}

export const CONFIDENTIALITY = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality'

/** Who keeps the record, and answers for what is put together from it. */
export const custodianOf = (base: string): Part =>
  madePart({
    resourceType: 'Organization',
    identifier: [{ system: 'urn:ietf:rfc:3986', value: base }],
    name: new URL(base).host,
  })

export interface Content {
  base: string
  /** The patient's, under their id. */
  patient: string
  at: Date
  language: string
  profile?: string | undefined
  /** N, R or V: as much as what is most so in it. */
  confidentiality: string
  /** The first is the Composition. */
  parts: readonly Part[]
}

/**
 * A document (hl7.org/fhir/R4/documents.html): each reference leads to what is in it, by its whole address. What is not in it is named by an identifier, its address where it is kept: whoever reads the
 * document elsewhere cannot follow that, and loses nothing of it.
 */
export function documentOf({
  base,
  patient,
  at,
  language,
  profile,
  confidentiality,
  parts,
}: Content): Resource & { id: string } {
  const known = new Set(parts.map(({ fullUrl }) => fullUrl))
  const id = newId()
  return {
    ...{ resourceType: 'Bundle', id, language },
    meta: {
      ...(profile !== undefined && { profile: [profile] }),
      security: [{ system: CONFIDENTIALITY, code: confidentiality }],
    },
    identifier: { system: 'urn:ietf:rfc:3986', value: `urn:uuid:${id}` },
    ...{ type: 'document', timestamp: at.toISOString() },
    entry: parts.map(({ fullUrl, resource }) => ({
      fullUrl,
      resource: within(completed(ofPatient(resource, `${base}/Patient/${patient}`)), { known, base }),
    })),
  }
}

/** Before two patients became one, resources named the other. */
export function ofPatient<R extends Resource>(resource: R, patient: string): R {
  const renamed = ['subject', 'patient'].flatMap((name) => {
    const one = resource[name]
    return isObject(one) && /(^|\/)Patient\/[^/]+$/.test(String(one.reference))
      ? [[name, { ...one, reference: patient }]]
      : []
  })
  return { ...resource, ...Object.fromEntries(renamed) }
}

interface Around {
  known: ReadonlySet<string>
  base: string
}

function within<T>(value: T, around: Around): T {
  if (Array.isArray(value)) return value.map((one) => within(one, around)) as T
  if (!isObject(value) || value.constructor !== Object) return value
  const all = Object.fromEntries(Object.entries(value).map(([name, one]) => [name, within(one, around)]))
  return (typeof all.reference === 'string' ? referenceWithin(all, all.reference, around) : all) as T
}

function referenceWithin({ reference: _, ...rest }: Record<string, unknown>, to: string, { known, base }: Around) {
  if (to.startsWith('#')) return { reference: to, ...rest }
  const [address = ''] = addressOf(to, base).split('/_history/')
  if (known.has(address)) return { reference: address, ...rest }
  return { identifier: { system: 'urn:ietf:rfc:3986', value: address }, ...rest }
}

/** As fullUrls have them. */
export const addressOf = (reference: string, base: string): string =>
  /^[A-Z][A-Za-z]+\/[^/]+/.test(reference) ? `${base}/${reference}` : reference

import { type FieldError, Problem } from '#platform/errors.ts'
import { ifMatch, ifModifiedSince, ifNoneMatch } from '../conditional.ts'
import { isObject, type JsonObject, ownValue } from '../json-value.ts'
import type { Resource } from '../resource.ts'
import { ID, targetOf } from './entry-url.ts'
import type { Plan, PlanEntry } from './plan.ts'

export const MAX_ENTRIES = 5_000

/** hl7.org/fhir/R4/http.html#trules */
const ORDER: Readonly<Record<PlanEntry['method'], number>> = { DELETE: 0, POST: 1, PUT: 2, PATCH: 2, GET: 3, HEAD: 3 }

/**
 * A Bundle as a plan of what to do (hl7.org/fhir/R4/http.html#transaction). Resources are checked for their type and id alone.
 * @param base the address of this server, without a slash at its end: what begins with it is ours
 * @throws Problem `invalid` with the faults of the entries of a transaction (of a batch they are in `refused`), or where it is neither; `too-long`: more than 5,000
 */
export function readTransaction(bundle: unknown, { base }: { base: string }): Plan {
  const { type, given } = shapeOf(bundle)
  const entries: PlanEntry[] = []
  const faulty = new Map<number, FieldError[]>()
  const fault = (index: number, part: string, detail: string) => {
    const errors = faulty.get(index) ?? []
    faulty.set(index, [...errors, { pointer: `/body/entry/${index}${part}`, detail }])
  }
  for (const [index, one] of given.entries()) {
    const entry = entryFrom(one, index, base, (part, detail) => fault(index, part, detail))
    if (entry && !faulty.has(index)) entries.push(entry)
  }
  for (const [index, part, detail] of doubles(entries)) fault(index, part, detail)
  if (type === 'transaction' && faulty.size > 0) throw wrong([...faulty.values()].flat())
  return {
    type,
    entries: entries.filter(({ index }) => !faulty.has(index)).sort((a, b) => ORDER[a.method] - ORDER[b.method]),
    refused: [...faulty].map(([index, errors]) => ({ index, problem: wrong(errors) })),
    size: given.length,
  }
}

const wrong = (errors: FieldError[]) =>
  new Problem('invalid', 'Entries of the Bundle are wrong; see errors. Nothing was changed by them.', {
    errors: errors.slice(0, 20),
  })

function shapeOf(bundle: unknown): { type: Plan['type']; given: readonly unknown[] } {
  const body: JsonObject = isObject(bundle) ? bundle : {}
  const type = ownValue(body, 'type')
  if (body.resourceType !== 'Bundle' || (type !== 'batch' && type !== 'transaction'))
    throw new Problem('invalid', 'Send a Bundle of type batch or transaction.', {
      errors: [{ pointer: '/body/type', detail: 'is neither batch nor transaction' }],
    })
  const given = ownValue(body, 'entry') ?? []
  if (!Array.isArray(given))
    throw new Problem('invalid', 'The entries of the Bundle are no list.', {
      errors: [{ pointer: '/body/entry', detail: 'is no list' }],
    })
  if (given.length > MAX_ENTRIES)
    throw new Problem('too-long', 'A Bundle may have 5,000 entries; send several.', {
      errors: [{ pointer: '/body/entry', detail: 'has more than 5,000 entries' }],
    })
  return { type, given }
}

type Fault = (part: string, detail: string) => void

function entryFrom(given: unknown, index: number, base: string, fault: Fault): PlanEntry | undefined {
  const entry: JsonObject = isObject(given) ? given : {}
  const request = ownValue(entry, 'request')
  if (!isObject(request)) {
    fault('/request', 'is missing')
    return undefined
  }
  const [method, url] = [ownValue(request, 'method'), ownValue(request, 'url')]
  if (typeof method !== 'string' || !Object.hasOwn(ORDER, method))
    fault('/request/method', `is none of ${Object.keys(ORDER).join(', ')}`)
  if (typeof url !== 'string') fault('/request/url', 'is missing')
  if (typeof method !== 'string' || !Object.hasOwn(ORDER, method) || typeof url !== 'string') return undefined
  const target = targetOf(method as PlanEntry['method'], url, base)
  if (typeof target === 'string') {
    fault('/request/url', target)
    return undefined
  }
  const made: PlanEntry = {
    index,
    method: method as PlanEntry['method'],
    ...target,
    ...conditionsIn(request, target.interaction, fault),
    resource: ownValue(entry, 'resource') as Resource | undefined,
    fullUrl: ownValue(entry, 'fullUrl') as string | undefined,
  }
  checkResource(made, fault)
  checkFullUrl(made, base, fault)
  return made
}

const MAY_HAVE: Readonly<Record<string, readonly PlanEntry['interaction'][]>> = {
  ifMatch: ['update', 'patch', 'delete'],
  ifNoneMatch: ['read', 'vread', 'update'],
  ifModifiedSince: ['read', 'vread'],
  ifNoneExist: ['create'],
}

function conditionsIn(request: JsonObject, interaction: PlanEntry['interaction'], fault: Fault) {
  const texts = Object.fromEntries(
    Object.entries(MAY_HAVE).map(([name, interactions]) => {
      const text = ownValue(request, name)
      if (text === undefined) return [name, undefined]
      if (typeof text !== 'string') fault(`/request/${name}`, 'is no text')
      else if (!interactions.includes(interaction)) fault(`/request/${name}`, `has no meaning for a ${interaction}`)
      else return [name, text]
      return [name, undefined]
    }),
  ) as Record<keyof typeof MAY_HAVE, string | undefined>
  const versions = (name: 'ifMatch' | 'ifNoneMatch') => {
    try {
      return { ifMatch, ifNoneMatch }[name](texts[name])
    } catch {
      fault(`/request/${name}`, 'is no list of ETags, such as W/"3"')
      return undefined
    }
  }
  const ifNoneExist = texts.ifNoneExist?.replace(/^[^?=&]{0,64}\?/, '')
  if (ifNoneExist === '') fault('/request/ifNoneExist', 'is empty')
  return {
    ifMatch: versions('ifMatch'),
    ifNoneMatch: versions('ifNoneMatch'),
    ifModifiedSince: ifModifiedSince(texts.ifModifiedSince),
    ifNoneExist,
  }
}

function checkResource({ interaction, type, id, resource }: PlanEntry, fault: Fault): void {
  const needed = interaction === 'create' || interaction === 'update' || interaction === 'patch'
  if (!needed) {
    if (resource !== undefined) fault('/resource', `has no meaning for a ${interaction}`)
    return
  }
  if (!isObject(resource) || typeof resource.resourceType !== 'string') {
    fault('/resource', 'is missing')
    return
  }
  if (interaction === 'patch') {
    if (resource.resourceType !== 'Parameters' && resource.resourceType !== 'Binary')
      fault('/resource/resourceType', 'is neither Parameters nor Binary, and a patch is one of these')
    return
  }
  if (resource.resourceType !== type) fault('/resource/resourceType', 'is not the type in the address')
  if (resource.id !== undefined && (typeof resource.id !== 'string' || !ID.test(resource.id)))
    fault('/resource/id', 'is none')
  else if (id !== undefined && resource.id !== id) fault('/resource/id', 'is not the id in the address')
}

/** hl7.org/fhir/R4/bundle.html#bundle-unique: it must be absolute, of no version, and may not gainsay the id. */
function checkFullUrl({ fullUrl, interaction, type, id, resource }: PlanEntry, base: string, fault: Fault): void {
  if (fullUrl === undefined) return
  if (typeof fullUrl !== 'string' || fullUrl.length > 2_000 || !/^[A-Za-z][A-Za-z0-9+.-]*:[^\s]+$/.test(fullUrl)) {
    fault('/fullUrl', 'is no absolute address')
    return
  }
  if (fullUrl.includes('/_history/')) fault('/fullUrl', 'names a version')
  // Of what is created the id is ours to give, so there it says nothing.
  const named = id ?? (interaction === 'update' ? resource?.id : undefined)
  if (named !== undefined && fullUrl.startsWith(`${base}/`) && fullUrl !== `${base}/${type}/${named}`)
    fault('/fullUrl', 'is of another resource than the address')
}

/** What comes twice: none of it has an order that both would mean (hl7.org/fhir/R4/http.html#trules). */
function* doubles(entries: readonly PlanEntry[]): Generator<[number, string, string]> {
  const seen = new Set<string>()
  const twice = (key: string) => seen.size === seen.add(key).size
  for (const { index, interaction, type, id, query, fullUrl, ifNoneExist } of entries) {
    if (fullUrl !== undefined && twice(`url ${fullUrl}`)) yield [index, '/fullUrl', 'is that of another entry too']
    const changes = interaction === 'update' || interaction === 'patch' || interaction === 'delete'
    if (changes && id !== undefined && twice(`id ${type}/${id}`))
      yield [index, '/request/url', 'is changed by another entry too']
    if (changes && id === undefined && twice(`query ${type}?${query}`))
      yield [index, '/request/url', 'is the condition of another entry too']
    if (ifNoneExist !== undefined && twice(`query ${type}?${ifNoneExist}`))
      yield [index, '/request/ifNoneExist', 'is the condition of another entry too']
  }
}

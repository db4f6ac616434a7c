import { isSame } from '#fhir/json-value.ts'
import type { Resource } from '#fhir/resource.ts'

// How one field of /v1 stands in a resource. What a field does not show of an element stays there for as long as the field says what it said.

export type Body = Record<string, unknown>

export interface Field {
  name: string
  read(resource: Resource): unknown
  write(resource: Resource, value: unknown): void
}

interface Coding {
  system?: string
  version?: string
  code?: string
  display?: string
}
export interface Concept {
  text?: string
  coding?: Coding[]
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== ''

/** Codings that say of which system; undefined where nothing is left. */
export function conceptOf(value: unknown): Concept | undefined {
  const { text, coding = [] } = (value ?? {}) as Concept
  const named = coding.flatMap(({ system, version, code, display }) =>
    isText(system) && isText(code)
      ? [{ system, ...(isText(version) && { version }), code, ...(isText(display) && { display }) }]
      : [],
  )
  if (!isText(text) && named.length === 0) return undefined
  return { ...(isText(text) && { text }), ...(named.length > 0 && { coding: named }) }
}

export const put = (resource: Resource, element: string, value: unknown): void => {
  if (value === undefined) delete resource[element]
  else resource[element] = value
  delete resource[`_${element}`]
}

const first = (value: unknown): Body | undefined => (Array.isArray(value) ? (value[0] as Body) : undefined)

export const code = (name: string, element = name): Field => ({
  name,
  read: (resource) => resource[element],
  write: (resource, value) => put(resource, element, value),
})

export const concept = (name: string, element: string): Field => ({
  name,
  read: (resource) => conceptOf(resource[element]),
  write: (resource, value) => put(resource, element, value),
})

/** Called the same in words, or where neither has any by a code: what is only coded anew is the thing that it was. */
function isNamedAlike(a: unknown, b: unknown): boolean {
  const [one, other] = [conceptOf(a), conceptOf(b)]
  if (one?.text !== undefined || other?.text !== undefined) return one?.text === other?.text
  const codes = (other?.coding ?? []).map(({ system, code }) => `${system}|${code}`)
  return (one?.coding ?? []).some(({ system, code }) => codes.includes(`${system}|${code}`))
}

/** Elements that say more of what the field says, and go with it: the severity of a problem is not that of another. */
export const followedBy = (field: Field, ...elements: string[]): Field => ({
  ...field,
  write(resource, value) {
    const was = field.read(resource)
    field.write(resource, value)
    if (!isNamedAlike(was, value)) for (const element of elements) put(resource, element, undefined)
  },
})

const dosesIn = ({ dosage }: Resource): string[] =>
  ((dosage ?? []) as Body[]).flatMap(({ text }) => (isText(text) ? [text] : []))

/** Several are one text; changed, they are that text alone, since amounts, times and routes of before are not those of the new. */
export const dosage: Field = {
  name: 'dosage',
  read(resource) {
    const doses = dosesIn(resource)
    return doses.length > 0 ? doses.join('; ') : undefined
  },
  write: (resource, value) => put(resource, 'dosage', value === undefined ? undefined : [{ text: value }]),
}

/** In words, by codes, or what a Medication is called to which it leads. Amounts of one medicine are not those of another: what was said of them in words stays. */
export const medicine: Field = {
  name: 'what',
  read: ({ medicationCodeableConcept, medicationReference }) =>
    conceptOf(medicationCodeableConcept) ?? conceptOf({ text: (medicationReference as Body | undefined)?.display }),
  write(resource, value) {
    const was = medicine.read(resource)
    const { reference } = (resource.medicationReference ?? {}) as { reference?: string }
    const contained = ((resource.contained ?? []) as Body[]).filter(({ id }) => reference !== `#${id}`)
    put(resource, 'contained', contained.length > 0 ? contained : undefined)
    put(resource, 'medicationReference', undefined)
    put(resource, 'medicationCodeableConcept', value)
    const doses = dosesIn(resource).map((text) => ({ text }))
    if (!isNamedAlike(was, value)) put(resource, 'dosage', doses.length > 0 ? doses : undefined)
  },
}

/** What a document is called, and its file. */
export const title: Field = {
  name: 'title',
  read: ({ description }) => description,
  write(resource, value) {
    const was = resource.description
    put(resource, 'description', value)
    for (const { attachment } of (resource.content ?? []) as { attachment?: Body }[])
      if (attachment?.title === was && attachment && value !== undefined) attachment.title = value
  },
}

/** One word of a system of HL7 in a CodeableConcept. */
export const coded = (name: string, element: string, system: string): Field => ({
  name,
  read: (resource) =>
    ((resource[element] as Concept | undefined)?.coding ?? []).find((one) => one.system === system)?.code,
  write: (resource, value) =>
    put(resource, element, value === undefined ? undefined : { coding: [{ system, code: value }] }),
})

/** A choice of which one is a dateTime: `onset` is onsetDateTime, or where it is a period its start. */
export const date = (name: string, element: string, end?: 'end'): Field => ({
  name,
  read: (resource) =>
    resource[`${element}DateTime`] ?? (resource[`${element}Period`] as Body | undefined)?.[end ?? 'start'],
  write(resource, value) {
    for (const choice of CHOICES) put(resource, `${element}${choice}`, undefined)
    put(resource, `${element}DateTime`, value)
  },
})

const CHOICES = ['DateTime', 'Period', 'Age', 'Range', 'String', 'Instant', 'Timing']

/** From and until, which are a period together. */
export const period = (name: string, element: string, part: 'start' | 'end'): Field => ({
  name,
  read: (resource) =>
    (resource[`${element}Period`] as Body | undefined)?.[part] ??
    (part === 'start' ? resource[`${element}DateTime`] : undefined),
  write(resource, value) {
    const whole = { ...(resource[`${element}Period`] as Body | undefined) }
    const at = resource[`${element}DateTime`]
    if (part === 'end' && at !== undefined) whole.start = at
    if (value === undefined) delete whole[part]
    else whole[part] = value
    put(resource, `${element}DateTime`, undefined)
    put(resource, `${element}Period`, Object.keys(whole).length > 0 ? whole : undefined)
  },
})

export const text = (name: string, element: string): Field => code(name, element)

/** Several are one text; changed, they are one from then on. */
export const note: Field = {
  name: 'note',
  read(resource) {
    const notes = ((resource.note ?? []) as Body[]).flatMap((one) => (isText(one.text) ? [one.text] : []))
    return notes.length > 0 ? notes.join('\n\n') : undefined
  },
  write: (resource, value) => put(resource, 'note', isText(value) ? [{ text: value }] : undefined),
}

/** The first of a list: `in('reaction', severity)`. */
export const inFirst = (element: string, field: Field): Field => ({
  name: field.name,
  read: (resource) => {
    const one = first(resource[element])
    return one && field.read(one as Resource)
  },
  write(resource, value) {
    const [one, ...others] = (resource[element] ?? []) as Body[]
    const changed = { ...one } as Resource
    field.write(changed, value)
    const left = Object.keys(changed).length > 0 ? [changed, ...others] : others
    put(resource, element, left.length > 0 ? left : undefined)
  },
})

/** A list of concepts of which the first is the field. */
export const firstConcept = (name: string, element: string): Field => ({
  name,
  read: (resource) => conceptOf(first(resource[element])),
  write(resource, value) {
    const others = ((resource[element] ?? []) as unknown[]).slice(1)
    const all = value === undefined ? others : [value, ...others]
    put(resource, element, all.length > 0 ? all : undefined)
  },
})

/** Only what says something else than before: the rest of an element stays with it. What somebody wrote of the whole (`text`) said it as it was. */
export function writeFields(resource: Resource, fields: readonly Field[], entry: Body): void {
  for (const { name, read, write } of fields)
    if (!isSame(read(resource), entry[name])) {
      write(resource, entry[name])
      put(resource, 'text', undefined)
    }
}

export const readFields = (resource: Resource, fields: readonly Field[]): Body =>
  Object.fromEntries(
    fields.flatMap(({ name, read }) => {
      const value = read(resource)
      return value === undefined || value === null ? [] : [[name, value]]
    }),
  )

import type { Resource } from '#fhir/resource.ts'

// The rules of the International Patient Summary 1.1.0 (hl7.org/fhir/uv/ips/STU1.1, CC0) and of documents (hl7.org/fhir/R4/documents.html), as a table.

type Json = Record<string, unknown>
interface Entry {
  fullUrl: string
  resource: Resource & { id: string }
}
interface Section {
  title?: string
  code?: { coding?: { system?: string; code?: string }[] }
  text?: { status?: string; div?: string }
  entry?: { reference?: string }[]
}

/** What may be in a section, by its LOINC code. */
const SECTIONS: Readonly<Record<string, readonly string[]>> = {
  '11450-4': ['Condition', 'DocumentReference'],
  '48765-2': ['AllergyIntolerance', 'DocumentReference'],
  '10160-0': [
    'MedicationStatement',
    'MedicationRequest',
    'MedicationAdministration',
    'MedicationDispense',
    'DocumentReference',
  ],
  '11369-6': ['Immunization', 'DocumentReference'],
  '30954-2': ['Observation', 'DiagnosticReport', 'DocumentReference'],
  '47519-4': ['Procedure', 'DocumentReference'],
  '46264-8': ['DeviceUseStatement', 'DocumentReference'],
  '8716-3': ['Observation', 'DocumentReference'],
  '11348-0': ['Condition', 'DocumentReference'],
  '18776-5': ['CarePlan', 'DocumentReference'],
  '29762-2': ['Observation', 'DocumentReference'],
  '10162-6': ['Observation', 'DocumentReference'],
}
const REQUIRED = ['11450-4', '48765-2', '10160-0']

/** What each type must have beyond R4; one of the names of a choice, also where it is only said why there is none. */
const ELEMENTS: Readonly<Record<string, readonly RegExp[]>> = {
  Patient: [/^name$/, /^_?birthDate$/],
  Condition: [/^clinicalStatus$/, /^code$/, /^subject$/],
  AllergyIntolerance: [/^code$/, /^patient$/],
  MedicationStatement: [/^medication/, /^_?effective/, /^subject$/],
  MedicationRequest: [/^medication/, /^subject$/],
  Immunization: [/^vaccineCode$/, /^_?occurrence/, /^patient$/],
  Procedure: [/^code$/, /^_?performed/, /^subject$/],
  Observation: [/^code$/, /^_?effective/, /^subject$/],
  DiagnosticReport: [/^code$/, /^_?effective/, /^subject$/],
  DeviceUseStatement: [/^_?timing/, /^device$/, /^subject$/],
  Medication: [/^code$/],
  Organization: [/^_?name$/],
  Practitioner: [/^name$/],
}

/** What a document does that it may not. */
export function ipsFaults(document: Json): string[] {
  const entries = (document.entry ?? []) as Entry[]
  const [first, ...others] = entries
  const faults: (string | false)[] = [
    document.type !== 'document' && 'it is no document',
    !(document.identifier as Json | undefined)?.value && 'it has no identifier',
    typeof document.timestamp !== 'string' && 'it has no timestamp',
    document.link !== undefined && 'it has links',
    first?.resource.resourceType !== 'Composition' && 'it does not begin with a Composition',
    others.some(({ resource }) => resource.resourceType === 'Composition') && 'it has a second Composition',
    entries.filter(({ resource }) => resource.resourceType === 'Patient').length !== 1 && 'it is not of one patient',
    new Set(entries.map(({ fullUrl }) => fullUrl)).size < entries.length && 'an address is there twice',
  ]
  if (!first) return ['it is empty']
  const at = new Map(entries.map((one) => [one.fullUrl, one.resource]))
  return [
    ...faults.filter((fault) => fault !== false),
    ...compositionFaults(first.resource, at),
    ...entries.flatMap((one) => entryFaults(one, at)),
    ...outOfReach(entries, first),
  ]
}

function compositionFaults(composition: Json, at: ReadonlyMap<string, Resource>): string[] {
  const { subject, author, custodian, type } = composition
  const typeOf = (reference: unknown) => at.get(String((reference as Json | undefined)?.reference))?.resourceType
  const code = (type as Section['code'] | undefined)?.coding?.[0]?.code
  const sections = (composition.section ?? []) as Section[]
  const codes = sections.map((section) => section.code?.coding?.[0]?.code ?? '')
  return [
    ...(code === '60591-5' ? [] : ['Composition.type is not that of a patient summary']),
    ...(typeOf(subject) === 'Patient' ? [] : ['Composition.subject is not the patient of the document']),
    ...(typeOf((author as unknown[] | undefined)?.[0]) ? [] : ['Composition.author is not in the document']),
    ...(typeOf(custodian) === 'Organization' ? [] : ['Composition.custodian is not in the document']),
    ...REQUIRED.filter((one) => codes.filter((code) => code === one).length !== 1).map((one) => `no section ${one}`),
    ...(new Set(codes).size < codes.length ? ['a section is there twice'] : []),
    ...sections.flatMap((section, n) => sectionFaults(section, codes[n] ?? '', at)),
  ]
}

function sectionFaults(section: Section, code: string, at: ReadonlyMap<string, Resource>): string[] {
  const { title, text, entry = [] } = section
  const may = SECTIONS[code]
  const known = ['title', 'code', 'text', 'entry']
  return [
    ...(may ? [] : [`section ${code} is not known`]),
    ...(title ? [] : [`section ${code} has no title`]),
    ...(text?.status && /<div [^>]*>.*\S.*<\/div>/s.test(text.div ?? '') ? [] : [`section ${code} says nothing`]),
    ...(entry.length > 0 ? [] : [`section ${code} is empty`]),
    ...Object.keys(section).flatMap((name) => (known.includes(name) ? [] : [`section ${code} has ${name}`])),
    ...entry.flatMap(({ reference = '' }) => {
      const type = at.get(reference)?.resourceType ?? ''
      return may?.includes(type) ? [] : [`section ${code} has ${type || reference}`]
    }),
  ]
}

function entryFaults(entry: Entry, at: ReadonlyMap<string, Resource>): string[] {
  const { fullUrl = '', resource } = entry
  const { resourceType, id } = resource
  const own = fullUrl.startsWith('urn:uuid:')
    ? `urn:uuid:${id}`
    : fullUrl.replace(/[^/]+\/[^/]+$/, `${resourceType}/${id}`)
  return [
    ...(own === fullUrl ? [] : [`${fullUrl} is not the address of ${resourceType}/${id}`]),
    ...Object.keys(entry).flatMap((name) => (['fullUrl', 'resource'].includes(name) ? [] : [`an entry has ${name}`])),
    ...referencesIn(resource).flatMap((to) => (to.startsWith('#') || at.has(to) ? [] : [`${fullUrl} refers to ${to}`])),
    ...(ELEMENTS[resourceType] ?? []).flatMap((name) =>
      Object.keys(resource).some((one) => name.test(one)) ? [] : [`${fullUrl} has no ${name.source}`],
    ),
  ]
}

/** Each is in the document since something in it refers to it, beginning with the Composition. */
function outOfReach(entries: readonly Entry[], first: Entry): string[] {
  const at = new Map(entries.map((one) => [one.fullUrl, one]))
  const reached = new Set<string>()
  for (const left = [first.fullUrl]; left.length > 0; ) {
    const url = left.pop() ?? ''
    const entry = at.get(url)
    if (!entry || reached.has(url)) continue
    reached.add(url)
    left.push(...referencesIn(entry.resource))
  }
  return entries.flatMap(({ fullUrl }) => (reached.has(fullUrl) ? [] : [`nothing refers to ${fullUrl}`]))
}

function referencesIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, one]) =>
    name === 'reference' && typeof one === 'string' ? [one] : referencesIn(one),
  )
}

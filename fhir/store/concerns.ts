import { directoryTypes } from '#platform/access.ts'
import { rewriteReferences } from '../bundle/rewrite-references.ts'
import { CONTEXT, indexOf } from '../indexing/index-of.ts'
import type { IndexValues } from '../indexing/index-values.ts'
import type { Resource } from '../resource.ts'

/** What decides who may see a resource. */
export interface Concerns {
  /** Ids of the patients whom it is about; `Account/…`: what shows to who wrote it alone. Of a visit also who else may know of it (platform/migrations/0016_fhir_store.sql). */
  about: string[]
  /** What of it is sensitive; `general`: nothing. */
  categories: string[]
}

/** Without what says of a visit who else may know of it. */
export const aboutWhom = (about: readonly string[]): readonly string[] =>
  about[0]?.startsWith('Practitioner/') ? about.slice(1, 2) : about

/** What a resource does not say itself. */
export interface Around {
  /** By whom patients stand who became one with another. */
  as?: ReadonlyMap<string, string>
  /** Address of the service base. */
  base?: string
  /** Of what it leads to, by `Type/id`. */
  of?: ReadonlyMap<string, Concerns>
  /** The account that writes it. */
  author?: string | undefined
}

/** Of a resource with its id, and what it is found by. */
export function concernsOf(resource: Resource, index: IndexValues, around: Around = {}): Concerns {
  const { as = new Map<string, string>(), author } = around
  const inherited = inheritedBy(resource, index, around)
  const about = [...aboutOf(resource, index), ...inherited.flatMap((one) => one.about)]
  const isBinary = about.length === 0 && resource.resourceType === 'Binary' && author !== undefined
  if (isBinary || resource.resourceType === 'Subscription') about.push(`Account/${author ?? ''}`)
  const categories = [...categoriesOf(resource), ...inherited.flatMap((one) => one.categories)]
  const sensitive = categories.filter((one) => one !== GENERAL)
  return {
    about: [...new Set(about.map((patient) => as.get(patient) ?? patient))],
    categories: sensitive.length > 0 ? [...new Set(sensitive)] : [GENERAL],
  }
}

const GENERAL = 'general'

/**
 * The patients whom it is about, which decides who may see it: its subject. Being in somebody's compartment is not enough: whoever measured
 * something of their mother does not read her record by that.
 */
function aboutOf({ resourceType, id }: Resource, { references, patients }: IndexValues): string[] {
  if (resourceType === 'Patient' && id !== undefined) return [id]
  const named = (parameter: string) => {
    const prefix = `${parameter}=Patient/`
    return references.flatMap((one) => (one.startsWith(prefix) ? one.slice(prefix.length) : []))
  }
  for (const parameter of ['patient', 'subject']) {
    const found = named(parameter)
    if (found.length > 0) return found
  }
  // A list of patients tells of each that it is among them, whosever list it is.
  return resourceType === 'List' ? [...patients, ...named('item')] : patients
}

/** Types that are about whom something else is about, with what they are found by from there: a Provenance may be of a Binary, and is known after that. */
const LEADS: ReadonlyMap<string, string> = new Map([
  ['Binary', `${CONTEXT}=`],
  ['Provenance', 'target='],
])
export const derivedTypes: readonly string[] = [...LEADS.keys()]
export const isDerived = (type: string): boolean => LEADS.has(type)

/** What is about whom something else is about comes when that is known. */
export const lastDerived = <T>(all: readonly T[], typeOf: (one: T) => string): T[] =>
  all.toSorted((a, b) => derivedTypes.indexOf(typeOf(a)) - derivedTypes.indexOf(typeOf(b)))

/** About whomever it ever named: who was taken off it is still in what it was. */
export const keepsAbout = ({ resourceType }: Pick<Resource, 'resourceType'>): boolean => resourceType === 'Group'

/** What has to be known of others before it is known of this: `Type/id` of resources here. */
export function leadsTo({ resourceType }: Resource, { references }: IndexValues): string[] {
  const by = LEADS.get(resourceType)
  if (by === undefined) return []
  return references.flatMap((one) => (one.startsWith(by) ? one.slice(by.length) : [])).filter((one) => LOCAL.test(one))
}

const LOCAL = /^[A-Z][A-Za-z]+\/[A-Za-z0-9.-]{1,64}$/

function inheritedBy(resource: Resource, index: IndexValues, { base = '', of }: Around): Concerns[] {
  if (resource.resourceType === 'Bundle') return entriesOf(resource).map((one) => concernsIn(one, base))
  const all = leadsTo(resource, index).flatMap((one) => {
    const [type = '', id = ''] = one.split('/')
    if (type === 'Patient') return [{ type, about: [id], categories: [] }]
    const found = of?.get(one)
    return found ? [{ type, ...found, about: [...aboutWhom(found.about)] }] : []
  })
  // Who is in no directory is about themselves. They are among what a patient's record was made of, and it is not about them.
  const isOfPatients = all.some(({ type, about }) => about.length > 0 && !DIRECTORY.has(type))
  return isOfPatients ? all.map((one) => (DIRECTORY.has(one.type) ? { ...one, about: [] } : one)) : all
}

const DIRECTORY: ReadonlySet<string> = new Set(directoryTypes)

/** What a Bundle holds, with references to what it holds as what they stand for. */
export function entriesOf({ entry }: Resource): Resource[] {
  const entries = (entry ?? []) as { fullUrl?: string; resource?: Resource }[]
  const names = new Map(
    entries.flatMap(({ fullUrl, resource }) =>
      fullUrl !== undefined && resource?.id !== undefined
        ? [[fullUrl, `${resource.resourceType}/${resource.id}`] as const]
        : [],
    ),
  )
  return entries.flatMap(({ fullUrl, resource }) =>
    resource ? rewriteReferences(resource, names, fullUrl).resource : [],
  )
}

export const concernsIn = (resource: Resource, base: string): Concerns =>
  concernsOf(resource, indexOf(resource, { base }), { base })

/** Labels of v3-ActCode and v3-Confidentiality that say what is sensitive, as people refuse it (platform/migrations/0008_consent.sql). */
const CATEGORY: ReadonlyMap<string, string> = new Map(
  Object.entries({
    HIV: 'hiv',
    PSY: 'mental-health',
    MH: 'mental-health',
    BH: 'mental-health',
    SUD: 'substance-use',
    ETH: 'substance-use',
    ETHUD: 'substance-use',
    OPIOIDUD: 'substance-use',
    SEX: 'sexual-health',
    SDV: 'sexual-health',
    STD: 'sexual-health',
  }),
)

/** Of HL7's other code systems the same letters say something else. A label without a system, or of a system that is not HL7's, may be meant as one of these, and counts as one. */
const isOtherOfHl7 = (system = ''): boolean =>
  /^(http:\/\/(terminology\.)?hl7\.org\/|urn:oid:2\.16\.840\.1\.113883\.)/.test(system) && !LABELS.test(system)

/** By their addresses of today, of STU3, and by their object identifiers. */
const LABELS =
  /^(http:\/\/terminology\.hl7\.org\/CodeSystem\/v3-|http:\/\/hl7\.org\/fhir\/v3\/)(ActCode|Confidentiality)\b|^urn:oid:2\.16\.840\.1\.113883\.5\.(4|25)$/

/** As its labels say. */
export const categoriesOf = ({ meta }: Resource): string[] =>
  (meta?.security ?? []).flatMap(({ system, code }) =>
    isOtherOfHl7(system) ? [] : (CATEGORY.get(code?.toUpperCase() ?? '') ?? []),
  )

import type { IndexValues } from '../indexing/index-values.ts'
import type { Resource } from '../resource.ts'

/** Types that are about no patient, and that nobody sees but the account that made them. */
const OWN: ReadonlySet<string> = new Set(['Subscription'])
export const isOwn = (type: string): boolean => OWN.has(type)

/** Among the patients whom a resource is about: the one account whose own it is. */
export const ownerOf = (account: string | undefined): string => `Account/${account ?? ''}`

/** What decides who may see a resource. */
export interface Concerns {
  /** Ids of the patients whom it is about; or whose own it is. */
  about: string[]
  /** What of it is sensitive; `general`: nothing. */
  categories: string[]
}

/** Of a resource with its id, and what it is found by. `as`: by whom patients stand who became one with another. */
export const concernsOf = (
  resource: Resource,
  index: IndexValues,
  as: ReadonlyMap<string, string> = new Map(),
): Concerns => ({
  about: [...new Set(aboutOf(resource, index).map((patient) => as.get(patient) ?? patient))],
  categories: categoriesOf(resource),
})

/**
 * The patients whom it is about, which decides who may see it: its subject. Being in somebody's compartment is not enough: whoever measured
 * something of their mother does not read her record by that.
 */
function aboutOf({ resourceType, id }: Resource, { references, patients }: IndexValues): string[] {
  if (isOwn(resourceType)) return [ownerOf(undefined)]
  if (resourceType === 'Patient' && id !== undefined) return [id]
  for (const parameter of ['patient', 'subject']) {
    const prefix = `${parameter}=Patient/`
    const found = references.flatMap((one) => (one.startsWith(prefix) ? one.slice(prefix.length) : []))
    if (found.length > 0) return found
  }
  return patients
}

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

function categoriesOf({ meta }: Resource): string[] {
  const found = (meta?.security ?? []).flatMap(({ code }) => CATEGORY.get(code ?? '') ?? [])
  return found.length > 0 ? [...new Set(found)] : ['general']
}

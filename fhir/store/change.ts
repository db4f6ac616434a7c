import type { IndexValues } from '../indexing/index-values.ts'
import type { Resource } from '../resource.ts'

/** What is to be written of one resource. */
export interface Change {
  type: string
  id: string
  /** 1: it must not be there. Else the store must have the version before. */
  version: number
  at: Date
  method: 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** With its id and meta, as it will be sent; undefined: it is deleted. */
  resource: Resource | undefined
  /** Of what is deleted, that of what it was: who could see it may see that it is gone. */
  index: IndexValues
  /** Of patients who became one with another: by whom they stand from now on, beside their own name. */
  as?: ReadonlyMap<string, string>
}

/** The row that fhir_write() takes (platform/migrations/0016_fhir_store.sql). */
export function rowOf({ type, id, version, at, method, resource, index, as = NOBODY }: Change, place: number) {
  const named = (parameter: string, code?: string) =>
    code === undefined ? `${type}.${parameter}` : `${type}.${parameter}=${code}`
  const about = aboutOf({ type, id, index, as })
  const common = { place, type, id, version, changed_at: at, method, about, categories: categoriesOf(resource) }
  if (resource === undefined) return { ...common, body: null, tokens: [], refs: [] }
  return {
    ...common,
    body: JSON.stringify(resource),
    tokens: index.tokens.map((token) => `${type}.${token}`),
    refs: refsOf(index, as).map((one) => `${type}.${one}`),
    strings: index.strings.map(({ parameter, value, exact }) => ({ parameter: named(parameter), value, exact })),
    dates: index.dates.map(({ parameter, from, until }) => ({ parameter: named(parameter), low: from, high: until })),
    quantities: index.quantities.map(({ parameter, code, unit, low, high }) => ({
      parameter: named(parameter, code),
      unit,
      low,
      high,
    })),
    positions: index.positions.map(({ latitude, longitude }) => ({ latitude, longitude })),
  }
}

/** Beside references: in which patients' compartments it is. No search parameter has such a name. */
export const COMPARTMENT = '$patient'

const NOBODY: ReadonlyMap<string, string> = new Map()

/** By the name of each patient who became one with another, and by the other's. */
function refsOf({ references, patients }: IndexValues, as: ReadonlyMap<string, string>): string[] {
  const refs = [...references, ...patients.map((patient) => `${COMPARTMENT}=${patient}`)]
  if (as.size === 0) return refs
  const named = refs.flatMap((ref) => {
    const [, name = '', patient = ''] = /^([^=]*=(?:Patient\/)?)([^/]*)$/.exec(ref) ?? []
    const now = as.get(patient)
    return now === undefined ? [ref] : [ref, `${name}${now}`]
  })
  return [...new Set(named)]
}

/**
 * The patients whom it is about, which decides who may see it: its subject. Being in somebody's compartment is not enough: whoever measured
 * something of their mother does not read her record by that.
 */
export function aboutOf({
  type,
  id,
  index: { references, patients },
  as = NOBODY,
}: Pick<Change, 'type' | 'id' | 'index' | 'as'>): string[] {
  if (type === 'Patient') return [id]
  const stands = (patient: string) => as.get(patient) ?? patient
  for (const parameter of ['patient', 'subject']) {
    const prefix = `${parameter}=Patient/`
    const found = references.flatMap((one) => (one.startsWith(prefix) ? stands(one.slice(prefix.length)) : []))
    if (found.length > 0) return [...new Set(found)]
  }
  return [...new Set(patients.map(stands))]
}

/** Labels of v3-ActCode and v3-Confidentiality that say what is sensitive, as people refuse it (platform/migrations/0008_consent.sql). */
const CATEGORY: Readonly<Record<string, string>> = {
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
}

function categoriesOf(resource: Resource | undefined): string[] {
  const found = (resource?.meta?.security ?? []).flatMap(({ code }) => (code && CATEGORY[code]) || [])
  return found.length > 0 ? [...new Set(found)] : ['general']
}

import type { Resource } from '../resource.ts'

export { categoriesOf } from '../store/concerns.ts'

const SYSTEM = 'http://terminology.hl7.org/CodeSystem/v3-ActCode'

/** Labels by which the record keeps what is sensitive from whom the patient has refused it (../store/concerns.ts). */
const LABELS: Readonly<Record<string, string>> = {
  'mental-health': 'PSY',
  'sexual-health': 'SEX',
  hiv: 'HIV',
  'substance-use': 'ETH',
}

export function labelled(categories: readonly string[]): {
  meta?: { security: { system: string; code: string }[] }
} {
  const security = [...new Set(categories)].flatMap((category) => {
    const code = LABELS[category]
    return code === undefined ? [] : [{ system: SYSTEM, code }]
  })
  return security.length === 0 ? {} : { meta: { security } }
}

export const categoryOf = ({ meta }: Resource): string =>
  Object.keys(LABELS).find((category) => meta?.security?.some(({ code }) => code === LABELS[category])) ?? 'general'

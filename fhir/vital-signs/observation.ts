import { numberOf } from '../decimal.ts'
import { canonicalUnit } from '../indexing/ucum.ts'
import type { Resource } from '../resource.ts'
import { agesAt, type Measured, partsOf, type Question, questionsAbout } from './ask-back.ts'
import { bodyMassIndex, glucoseInMoles, type Kind, kinds, vitalSigns } from './vital-signs.ts'

const LOINC = 'http://loinc.org'
const UCUM = 'http://unitsofmeasure.org'
const CATEGORY = 'http://terminology.hl7.org/CodeSystem/observation-category'

/** What whoever reads it sees of a value that was asked back. */
export const CONFIRMED = 'Outside the plausible, or unusual; confirmed by whoever recorded it.'

const quantity = (value: number | undefined, unit: string) => ({ value, unit, system: UCUM, code: unit })
const codeOf = (...codings: { code: string; display: string }[]) => ({
  coding: codings.map(({ code, display }) => ({ system: LOINC, code, display })),
})

/** The parts of an Observation that say what was measured; of whom, when and by whom is for the caller to add. */
export function measuredInFhir(measured: Measured): Pick<Resource, 'resourceType'> & Record<string, unknown> {
  const { kind, unit = '', confirmed } = measured
  const { category, alsoCode, ...sign } = vitalSigns[kind]
  const [[, first], ...others] = partsOf(measured) as [
    ReturnType<typeof partsOf>[number],
    ...ReturnType<typeof partsOf>,
  ]
  const note = confirmed && { note: [{ text: CONFIRMED }] }
  const head = { resourceType: 'Observation', category: [{ coding: [{ system: CATEGORY, code: category }] }] }
  if (others.length === 0)
    return {
      ...head,
      code: codeOf(first, ...(alsoCode ? [alsoCode] : [])),
      valueQuantity: quantity(measured.value, unit),
      ...note,
    }
  const component = partsOf(measured).map(([name, part]) => ({
    code: codeOf(part),
    valueQuantity: quantity(measured[name], unit),
  }))
  return { ...head, code: codeOf(sign), component, ...note }
}

interface Coded {
  code?: { coding?: { system?: string; code?: string }[] }
  valueQuantity?: { value?: unknown; code?: string }
  component?: Coded[]
  note?: { text?: string }[]
}

const isCoded = ({ code }: Coded, wanted: string): boolean =>
  code?.coding?.some((one) => one.system === LOINC && one.code === wanted) ?? false

/** The same back; undefined where it is none of these. */
export function measuredOf(observation: Resource): Measured | undefined {
  const coded = observation as Coded
  const kind = kindOf(coded)
  if (kind === undefined) return undefined
  const confirmed = coded.note?.some(({ text }) => text === CONFIRMED) && { confirmed: true }
  const unit = (coded.valueQuantity ?? coded.component?.[0]?.valueQuantity)?.code ?? ''
  const values = partsOf({ kind, unit }).flatMap(([name, { code }]) => {
    const holder = kind === 'blood-pressure' ? coded.component?.find((one) => isCoded(one, code)) : coded
    const value = numberOf(holder?.valueQuantity?.value)
    return value === undefined ? [] : [[name, value]]
  })
  return { kind, unit, ...Object.fromEntries(values), ...confirmed }
}

const kindOf = (coded: Coded): Kind | undefined =>
  isCoded(coded, glucoseInMoles.code)
    ? 'glucose'
    : kinds.find((kind) => {
        const { code, alsoCode } = vitalSigns[kind]
        return isCoded(coded, code) || (alsoCode !== undefined && isCoded(coded, alsoCode.code))
      })

/** What has to be asked back of an Observation that has a value, of whoever was so old when it was measured. */
export function questionsOf(
  observation: Resource,
  { bornOn, now, pointer, confirmed }: { bornOn: unknown; now: Date; pointer: string; confirmed?: boolean },
): Question[] {
  const measured = measuredOf(observation)
  const { value, systolic, diastolic } = measured ?? {}
  if (!measured || (value === undefined && systolic === undefined && diastolic === undefined)) return []
  const at = new Date(String(observation.effectiveDateTime ?? observation.effectiveInstant))
  const ages = agesAt(typeof bornOn === 'string' ? bornOn : undefined, Number.isNaN(at.getTime()) ? now : at)
  return questionsAbout({ ...measured, ...(confirmed !== undefined && { confirmed }) }, ages, pointer)
}

type Timed = Measured & { at: string }

/** Of a weight and a height that were measured within a day, to one decimal, and when it was so; undefined where there are no such. */
export function massIndexOf(all: readonly Timed[]): { value: number; at: string } | undefined {
  const [weight, height] = (['weight', 'height'] as const).map((kind) => all.findLast((one) => one.kind === kind))
  const [kilograms, metres] = [inUnit(weight, 'kg'), inUnit(height, 'm')]
  if (!weight || !height || kilograms === undefined || !metres) return undefined
  const [first, last] = [weight.at, height.at].toSorted((a, b) => Date.parse(a) - Date.parse(b)) as [string, string]
  if (Date.parse(last) - Date.parse(first) >= DAY) return undefined
  return { value: Math.round((kilograms / metres ** 2) * 10) / 10, at: last }
}

const DAY = 86_400_000

function inUnit(one: Measured | undefined, wanted: string): number | undefined {
  const [given, own] = [canonicalUnit(one?.unit ?? ''), canonicalUnit(wanted)]
  return one?.value === undefined || !given || !own ? undefined : given.convert(one.value) / own.convert(1)
}

export const massIndexInFhir = (value: number) => ({
  resourceType: 'Observation',
  category: [{ coding: [{ system: CATEGORY, code: 'vital-signs' }] }],
  code: codeOf(bodyMassIndex),
  valueQuantity: quantity(value, bodyMassIndex.unit),
})

export const isMassIndex = (observation: Resource): boolean => isCoded(observation as Coded, bodyMassIndex.code)

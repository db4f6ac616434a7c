import { canonicalUnit } from '../indexing/ucum.ts'
import { diastolic, glucoseInMoles, type Kind, type Quantity, systolic, vitalSigns } from './vital-signs.ts'

/** As somebody recorded it, perhaps not to its end. */
export interface Measured {
  kind: Kind
  value?: number
  systolic?: number
  diastolic?: number
  /** UCUM. Never guessed: 98 may be a temperature or a saturation, 70 kilograms or pounds. */
  unit?: string
  /** Whoever recorded it has looked again. */
  confirmed?: boolean
}

export interface Question {
  pointer: string
  detail: string
  plausible?: { low: number; high?: number; unit: string }
}

/** Which values one records, each with what it is. */
export const partsOf = ({
  kind,
  unit,
}: Pick<Measured, 'kind' | 'unit'>): ['value' | 'systolic' | 'diastolic', Quantity][] => {
  if (kind === 'blood-pressure')
    return [
      ['systolic', systolic],
      ['diastolic', diastolic],
    ]
  return [['value', kind === 'glucose' && unit === 'mmol/L' ? glucoseInMoles : vitalSigns[kind]]]
}

/** What has to be asked back before it is recorded: nothing is guessed, and nothing dropped. `age`: in days; undefined: not known. */
export function questionsAbout(measured: Measured, age: number | undefined, pointer: string): Question[] {
  const { kind, unit, confirmed = false } = measured
  const { units } = vitalSigns[kind]
  if (unit === undefined || !units.includes(unit))
    return [{ pointer: `${pointer}/unit`, detail: `must be one of ${units.join(', ')}: it is not guessed` }]
  const parts = partsOf(measured)
  const names: readonly string[] = parts.map(([name]) => name)
  const strange = (['value', 'systolic', 'diastolic'] as const).filter(
    (one) => measured[one] !== undefined && !names.includes(one),
  )
  const isBackwards =
    (measured.systolic ?? Number.POSITIVE_INFINITY) <= (measured.diastolic ?? Number.NEGATIVE_INFINITY)
  return [
    ...strange.map((one) => ({ pointer: `${pointer}/${one}`, detail: `is no part of ${kind}` })),
    ...parts.flatMap(([name, quantity]) => {
      const value = measured[name]
      if (value === undefined) return [{ pointer: `${pointer}/${name}`, detail: 'is missing' }]
      return confirmed ? [] : doubtsAbout(value, { unit, quantity, age, pointer: `${pointer}/${name}` })
    }),
    ...(isBackwards && !confirmed
      ? [{ pointer: `${pointer}/diastolic`, detail: 'is not below the systolic one' }]
      : []),
  ]
}

function doubtsAbout(
  value: number,
  { unit, quantity, age, pointer }: { unit: string; quantity: Quantity; age: number | undefined; pointer: string },
): Question[] {
  const [own] = quantity.units
  const [low, high] = boundsAt(quantity, age)
  if (low === undefined) return []
  const [given, bounds] = [canonicalUnit(unit), canonicalUnit(own)]
  if (given === undefined || bounds === undefined) throw new Error(`${unit} and ${own} are no units of UCUM`)
  const measured = given.convert(value)
  // A little room for what arithmetic does: 45 Cel must not be above 45 Cel.
  const isPlausible =
    measured >= bounds.convert(low) * (1 - 1e-9) &&
    (high === undefined || measured <= bounds.convert(high) * (1 + 1e-9))
  if (isPlausible) return []
  const detail = `is outside the plausible (${low} to ${high ?? 'any'} ${own}): correct it, or confirm it`
  return [{ pointer, detail, plausible: { low, unit: own, ...(high !== undefined && { high }) } }]
}

/** Of whom the age is not known: the widest. */
function boundsAt(
  { plausible }: Quantity,
  age: number | undefined,
): [low: number | undefined, high: number | undefined] {
  if (age !== undefined) {
    const band = plausible.findLast(({ from }) => from <= age)
    return [band?.low, band?.high]
  }
  const highs = plausible.map(({ high }) => high)
  return [
    plausible.length > 0 ? Math.min(...plausible.map(({ low }) => low)) : undefined,
    highs.some((high) => high === undefined) ? undefined : Math.max(...(highs as number[])),
  ]
}

const DAY = 86_400_000

/** Days since a date of FHIR (`1987`, `1987-06`, `1987-06-05`); the youngest that it may be is asked about least. */
export const ageInDays = (bornOn: string | undefined, at: Date): number | undefined =>
  bornOn === undefined ? undefined : Math.max(0, Math.floor((at.getTime() - Date.parse(bornOn)) / DAY))

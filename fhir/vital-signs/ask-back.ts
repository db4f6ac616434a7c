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

/** How old somebody may have been, in days: a year of birth leaves a year open. */
export interface Ages {
  youngest: number
  oldest: number
}

const ANY: Ages = { youngest: 0, oldest: Number.POSITIVE_INFINITY }

/** What has to be asked back before it is recorded: nothing is guessed, and nothing dropped. */
export function questionsAbout(measured: Measured, ages: Ages = ANY, pointer: string): Question[] {
  const { kind, unit, confirmed = false } = measured
  const { units } = vitalSigns[kind]
  if (unit === undefined || !units.includes(unit))
    return [{ pointer: `${pointer}/unit`, detail: `must be one of ${units.join(', ')}: it is not guessed` }]
  const parts = partsOf(measured)
  const names: readonly string[] = parts.map(([name]) => name)
  const strange = (['value', 'systolic', 'diastolic'] as const).filter(
    (one) => measured[one] !== undefined && !names.includes(one),
  )
  return [
    ...strange.map((one) => ({ pointer: `${pointer}/${one}`, detail: `is no part of ${kind}` })),
    ...parts.flatMap(([name, quantity]) => {
      const value = measured[name]
      if (value === undefined) return [{ pointer: `${pointer}/${name}`, detail: 'is missing' }]
      return doubtsAbout(value, { unit, quantity, ages, confirmed, pointer: `${pointer}/${name}` })
    }),
    ...upsideDown(measured, pointer),
  ]
}

/** Without a pulse both are the same. */
function upsideDown({ systolic, diastolic, confirmed }: Measured, pointer: string): Question[] {
  if (systolic === undefined || diastolic === undefined || diastolic < systolic) return []
  if (diastolic === systolic && confirmed) return []
  return [{ pointer: `${pointer}/diastolic`, detail: 'is not below the systolic one' }]
}

interface Doubted {
  unit: string
  quantity: Quantity
  ages: Ages
  confirmed: boolean
  pointer: string
}

function doubtsAbout(value: number, { unit, quantity, ages, confirmed, pointer }: Doubted): Question[] {
  const { units, possible } = quantity
  const [own] = units
  const isWithin = within(value, unit, own)
  if (!isWithin(possible))
    return [
      { pointer, detail: `cannot be: it is from ${possible.low} to ${possible.high} ${own} of anybody. Correct it` },
    ]
  const { low, high } = boundsAt(quantity, ages)
  if (confirmed || low === undefined || isWithin({ low, high })) return []
  const detail = `is outside the plausible (${low} to ${high ?? 'any'} ${own}): correct it, or confirm it`
  return [{ pointer, detail, plausible: { low, unit: own, ...(high !== undefined && { high }) } }]
}

/** Whether a value in one unit is between bounds in another. */
function within(value: number, unit: string, own: string) {
  const [given, bounds] = [canonicalUnit(unit), canonicalUnit(own)]
  if (given === undefined || bounds === undefined) throw new Error(`${unit} and ${own} are no units of UCUM`)
  const measured = given.convert(value)
  // A little room for what arithmetic does: 45 Cel must not be above 45 Cel.
  return ({ low, high }: { low: number; high?: number | undefined }): boolean =>
    measured >= bounds.convert(low) * (1 - 1e-9) &&
    (high === undefined || measured <= bounds.convert(high) * (1 + 1e-9))
}

/** The widest of the ages that it may be. */
function boundsAt({ plausible }: Quantity, { youngest, oldest }: Ages): { low?: number; high?: number } {
  const bands = plausible.filter(
    ({ from }, n) => from <= oldest && youngest < (plausible[n + 1]?.from ?? Number.POSITIVE_INFINITY),
  )
  const highs = bands.flatMap(({ high }) => high ?? [])
  return {
    ...(bands.length > 0 && { low: Math.min(...bands.map(({ low }) => low)) }),
    ...(bands.length > 0 && highs.length === bands.length && { high: Math.max(...highs) }),
  }
}

const DAY = 86_400_000

/** Since a date of FHIR (`1987`, `1987-06`, `1987-06-05`). */
export function agesAt(bornOn: string | undefined, at: Date): Ages | undefined {
  if (bornOn === undefined) return undefined
  const [year = 0, month, day] = bornOn.split('-').map(Number)
  const last = day === undefined ? Date.UTC(month === undefined ? year + 1 : year, month ?? 0, 0) : Date.parse(bornOn)
  const since = (born: number) => Math.max(0, Math.floor((at.getTime() - born) / DAY))
  return { youngest: since(last), oldest: since(Date.parse(bornOn)) }
}

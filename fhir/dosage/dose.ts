// How much of a medicine, how often, how, and for how long: the plain structure of /v1. Each part of it has its element in a FHIR Dosage, and words in every language.

/** Units of UCUM in which a dose is said: those that there are words for, and no others, so that nobody reads `10 ug` for 10 mg. */
export const units = ['ug', 'mg', 'g', 'mL', '[iU]', 'mmol'] as const
/** What is counted. */
export const forms = ['tablet', 'capsule', 'drop', 'puff', 'spray', 'suppository', 'patch'] as const
export const spanUnits = ['hour', 'day', 'week', 'month'] as const
export const partsOfDay = ['waking', 'morning', 'noon', 'afternoon', 'evening', 'night', 'bedtime'] as const
export const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const
export const meals = ['before', 'with', 'after'] as const
export const routes = [
  ...(['oral', 'sublingual', 'inhaled', 'nasal', 'eye', 'ear', 'skin', 'transdermal', 'rectal', 'vaginal'] as const),
  ...(['subcutaneous', 'intramuscular', 'intravenous'] as const),
] as const

/** One value or a range; of a unit, or of what is counted. */
export interface Amount {
  value?: number
  low?: number
  high?: number
  unit?: (typeof units)[number]
  form?: (typeof forms)[number]
}

export interface Span {
  count: number
  unit: (typeof spanUnits)[number]
}

export interface Dose {
  amount: Amount
  /** For each kilogram of body weight; the amount was worked out of it. */
  perKilogram?: { value: number; unit: (typeof units)[number] }
  once?: true
  times?: { count: number; every: Span }
  /** `08:00` */
  at?: readonly string[]
  when?: readonly (typeof partsOfDay)[number][]
  days?: readonly (typeof weekdays)[number][]
  food?: (typeof meals)[number]
  asNeeded?: { reason?: string }
  most?: { amount: Amount; in: Span }
  for?: Span
  from?: string
  until?: string
  route?: (typeof routes)[number]
  /** As whoever prescribes says it. */
  note?: string
}

/** Several: one beside another, or one after another. */
export interface Regimen {
  doses: readonly Dose[]
  inTurn?: boolean
}

const DIGITS = 4

/** A dose of more digits than anybody can measure was worked out and not rounded; and words would not say it all. */
export const isSayable = (value: number): boolean => Number(value.toFixed(DIGITS)) === value

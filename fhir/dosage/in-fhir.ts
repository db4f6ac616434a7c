import { isSame } from '../json-value.ts'
import {
  type Amount,
  type Dose,
  type forms,
  type meals,
  type partsOfDay,
  type Regimen,
  type routes,
  type Span,
  units,
  weekdays,
} from './dose.ts'

// The plain structure as a FHIR Dosage (hl7.org/fhir/R4/dosage.html), and back where it says no more than that.

const UCUM = 'http://unitsofmeasure.org'
const HL7 = 'http://terminology.hl7.org/CodeSystem'
const [FORMS, ROUTES, EVENTS] = [
  `${HL7}/v3-orderableDrugForm`,
  `${HL7}/v3-RouteOfAdministration`,
  `${HL7}/v3-TimingEvent`,
]

const formCodes = {
  ...{ tablet: 'TAB', capsule: 'CAP', drop: 'DROP', puff: 'PUFF', spray: 'SPRY', suppository: 'SUPP', patch: 'PATCH' },
} as const satisfies Record<(typeof forms)[number], string>
const spanCodes = { hour: 'h', day: 'd', week: 'wk', month: 'mo' } as const satisfies Record<Span['unit'], string>
const eventCodes = {
  ...{ waking: 'WAKE', morning: 'MORN', noon: 'NOON', afternoon: 'AFT', evening: 'EVE', night: 'NIGHT', bedtime: 'HS' },
} as const satisfies Record<(typeof partsOfDay)[number], string>
const mealCodes = { before: 'AC', with: 'C', after: 'PC' } as const satisfies Record<(typeof meals)[number], string>
const routeCodes = {
  ...{ oral: 'PO', sublingual: 'SL', inhaled: 'RESPINHL', nasal: 'NASALINSTIL', eye: 'OPTHALTA', ear: 'OT' },
  ...{ skin: 'SKIN', transdermal: 'TRNSDERM', rectal: 'PR', vaginal: 'VAGINSI', subcutaneous: 'SQ' },
  ...{ intramuscular: 'IM', intravenous: 'IVINJ' },
} as const satisfies Record<(typeof routes)[number], string>

type Json = Record<string, unknown>
type Weekday = (typeof weekdays)[number]

export function dosageOf(dose: Dose): Json {
  const { amount, perKilogram, food, asNeeded, most, route, note } = dose
  const repeat = repeatOf(dose)
  return {
    ...(food && { additionalInstruction: [{ coding: [{ system: EVENTS, code: mealCodes[food] }] }] }),
    ...(note !== undefined && { patientInstruction: note }),
    ...(Object.keys(repeat).length > 0 && { timing: { repeat } }),
    ...(asNeeded &&
      (asNeeded.reason === undefined
        ? { asNeededBoolean: true }
        : { asNeededCodeableConcept: { text: asNeeded.reason } })),
    ...(route && { route: { coding: [{ system: ROUTES, code: routeCodes[route] }] } }),
    doseAndRate: perKilogram
      ? [
          { type: rateType('calculated'), ...inDose(amount) },
          { type: rateType('ordered'), doseQuantity: quantity(perKilogram.value, `${perKilogram.unit}/kg`, UCUM) },
        ]
      : [inDose(amount)],
    ...(most && { maxDosePerPeriod: { numerator: quantityOf(most.amount), denominator: durationOf(most.in) } }),
  }
}

/** Of all of them, with how they follow on each other, and in words. */
export const dosagesOf = ({ doses, inTurn = false }: Regimen, say: (dose: Dose) => string): Json[] =>
  doses.map((dose, n) => ({
    ...(doses.length > 1 && { sequence: inTurn ? n + 1 : 1 }),
    text: say(dose),
    ...dosageOf(dose),
  }))

const rateType = (code: string) => ({ coding: [{ system: `${HL7}/dose-rate-type`, code }] })
const quantity = (value: number | undefined, code: string, system: string, unit = code) => ({
  ...{ value, unit, system, code },
})
const quantityOf = ({ value, unit, form }: Amount) =>
  form ? quantity(value, formCodes[form], FORMS, form) : quantity(value, unit as string, UCUM)
const inDose = ({ value, low, high, ...of }: Amount) =>
  value === undefined
    ? {
        doseRange: {
          low: quantityOf({ value: low as number, ...of }),
          high: quantityOf({ value: high as number, ...of }),
        },
      }
    : { doseQuantity: quantityOf({ value, ...of }) }
const durationOf = ({ count, unit }: Span) => quantity(count, spanCodes[unit], UCUM)

function repeatOf({ once, times, at, when, days, for: span, from, until }: Dose): Json {
  return {
    ...(span && { boundsDuration: durationOf(span) }),
    ...((from !== undefined || until !== undefined) && {
      boundsPeriod: { ...(from !== undefined && { start: from }), ...(until !== undefined && { end: until }) },
    }),
    ...(once && { count: 1 }),
    ...(times && {
      ...{ frequency: times.count, period: times.every.count, periodUnit: spanCodes[times.every.unit] },
    }),
    ...(days && { dayOfWeek: inWeekOrder(days) }),
    ...(at && { timeOfDay: at.map((time) => `${time}:00`) }),
    ...(when && { when: when.map((part) => eventCodes[part]) }),
  }
}

const inWeekOrder = (days: readonly unknown[]): unknown[] =>
  days.toSorted((a, b) => weekdays.indexOf(a as Weekday) - weekdays.indexOf(b as Weekday))

/** Undefined where it says more, or something else, than the plain structure can: then its own text is what can be read. */
export function regimenOf(dosages: unknown): Regimen | undefined {
  if (!Array.isArray(dosages) || dosages.length === 0) return undefined
  const doses = dosages.map(doseOf)
  const sequence = dosages.map(
    (one, n) => Number((one as Json).sequence ?? (dosages.length === 1 ? 1 : Number.NaN)) - n,
  )
  const inTurn = dosages.length > 1 && sequence.every((one) => one === 1)
  const isTogether = dosages.every((one) => ((one as Json).sequence ?? 1) === 1)
  if (!inTurn && !isTogether) return undefined
  return doses.every((dose) => dose !== undefined) ? { doses, ...(inTurn && { inTurn }) } : undefined
}

export function doseOf(dosage: unknown): Dose | undefined {
  const { text: _text, sequence: _sequence, ...given } = plainly(dosage)
  const dose = readDose(given)
  return dose && isSame(bare(dosageOf(dose)), bare(given)) ? dose : undefined
}

/** Numbers with their trailing zeros are the same numbers. */
const plainly = (value: unknown): Json => JSON.parse(JSON.stringify(value)) as Json

/** What a code is called is not what it says, nor in which order weekdays are. */
const bare = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(bare)
  if (typeof value !== 'object' || value === null) return value
  const isCoded = 'code' in value
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, of]) =>
      isCoded && (name === 'unit' || name === 'display')
        ? []
        : [[name, name === 'dayOfWeek' && Array.isArray(of) ? inWeekOrder(of) : bare(of)]],
    ),
  )
}

// biome-ignore lint/suspicious/noExplicitAny: whatever is not as it is read here does not come out the same again
type Any = any

function readDose(given: Json): Dose | undefined {
  const { doseAndRate = [], timing, additionalInstruction, route, maxDosePerPeriod: most, ...rest } = given as Any
  const [first, ordered] = doseAndRate
  const amount = amountIn(first)
  if (!amount) return undefined
  const ratio = most && { amount: amountIn({ doseQuantity: most.numerator }), in: spanIn(most.denominator) }
  const dose = {
    amount,
    perKilogram: ordered && {
      value: ordered.doseQuantity?.value,
      unit: units.find((unit) => `${unit}/kg` === ordered.doseQuantity?.code),
    },
    ...repeatIn(timing?.repeat ?? {}),
    food: keyOf(mealCodes, additionalInstruction?.[0]?.coding?.[0]?.code),
    asNeeded: rest.asNeededBoolean ? {} : rest.asNeededCodeableConcept && { reason: rest.asNeededCodeableConcept.text },
    most: ratio?.amount && ratio.in ? ratio : undefined,
    route: keyOf(routeCodes, route?.coding?.[0]?.code),
    note: rest.patientInstruction,
  }
  return Object.fromEntries(Object.entries(dose).filter(([, value]) => value !== undefined)) as unknown as Dose
}

function amountIn({ doseQuantity: one, doseRange: range }: Any = {}): Amount | undefined {
  const of = unitIn(one ?? range?.low)
  if (!of) return undefined
  return one ? { value: one.value, ...of } : { low: range.low?.value, high: range.high?.value, ...of }
}

function unitIn({ system, code }: Any = {}): Pick<Amount, 'unit' | 'form'> | undefined {
  const unit = units.find((one) => system === UCUM && one === code)
  const form = system === FORMS ? keyOf(formCodes, code) : undefined
  return unit ? { unit } : form && { form }
}

const spanIn = ({ value, code }: Any = {}): Span | undefined => {
  const unit = keyOf(spanCodes, code)
  return unit && { count: value, unit }
}

function repeatIn({ boundsDuration, boundsPeriod, count, frequency, period, periodUnit, ...rest }: Any): Partial<Dose> {
  const every = periodUnit && spanIn({ value: period, code: periodUnit })
  return {
    once: count === 1 ? true : undefined,
    times: every && { count: frequency, every },
    days: rest.dayOfWeek && weekdays.filter((day) => rest.dayOfWeek.includes(day)),
    at: rest.timeOfDay?.map((time: string) => time.slice(0, 5)),
    when: rest.when?.map((code: string) => keyOf(eventCodes, code)),
    for: boundsDuration && spanIn(boundsDuration),
    from: boundsPeriod?.start,
    until: boundsPeriod?.end,
  } as Partial<Dose>
}

const keyOf = <K extends string>(codes: Readonly<Record<K, string>>, code: unknown): K | undefined =>
  (Object.keys(codes) as K[]).find((key) => codes[key] === code)

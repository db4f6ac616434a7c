// What is measured of a patient at a visit, by the codes and units of R4's vital signs (hl7.org/fhir/R4/observation-vitalsigns.html), and what of it is plausible. What is
// not is asked back: a finger has slipped, or the patient is very ill. So bounds are far outside of what is normal, and each has its source or is the house's own. What
// cannot be of anybody is not taken, however often it is confirmed: `possible` is what a scale has, or the house's own, far beyond what is named beside it as reported.

export const kinds = [
  'blood-pressure',
  'heart-rate',
  'respiratory-rate',
  'temperature',
  'oxygen-saturation',
  'weight',
  'height',
  'head-circumference',
  'pain',
  'glucose',
] as const
export type Kind = (typeof kinds)[number]

/** From this age on, in days; the last one that fits counts. Without an upper bound none is known. */
export interface Band {
  from: number
  low: number
  high?: number
}

export interface Quantity {
  code: string
  display: string
  /** UCUM: the units that it is recorded in; the first is that of the bounds. */
  units: readonly [string, ...string[]]
  plausible: readonly Band[]
  /** Of anybody, in the same unit. */
  possible: { low: number; high: number }
}

export interface VitalSign extends Quantity {
  category: 'vital-signs' | 'laboratory' | 'survey'
  /** A second code that says the same, which the profile allows. */
  alsoCode?: { code: string; display: string }
}

const MONTH = 30
const YEAR = 365
const [NEONATE, INFANT, TODDLER, PRESCHOOL, SCHOOL, ADOLESCENT] = [0, MONTH, YEAR, 3 * YEAR, 6 * YEAR, 12 * YEAR]
const AGES = [NEONATE, INFANT, TODDLER, PRESCHOOL, SCHOOL, ADOLESCENT]

/**
 * Half of the lowest and twice the highest of what PALS calls normal at an age (American Heart Association, Pediatric Advanced Life Support 2015; the lowest asleep, and of
 * an age group that it divides, of all of it), and those of adolescents from then on. That it is half and twice is the house's own: whoever is that far off is in need of
 * help, or of another look.
 */
const aroundNormal = (normal: readonly (readonly [low: number, high: number])[], most = Number.POSITIVE_INFINITY) =>
  normal.map(([low, high], at) => ({ from: AGES[at] as number, low: low / 2, high: Math.min(high * 2, most) }))

/** What MIMIC-Extract holds valid (Wang et al., CHIL 2020; github.com/MLforHealth/MIMIC_Extract, resources/variable_ranges.csv), of adults in intensive care: for what nothing else bounds. */
const MIMIC = {
  heartRate: 350,
  pressure: 375,
  temperature: [26, 45],
  weight: 250,
  height: 240,
  glucose: [33, 2000],
} as const

/** From a heart that stands still; more than 480/350 was measured in an artery of somebody who lifted weights (MacDougall et al., J Appl Physiol 58:785, 1985). */
const PRESSURE = { low: 0, high: 600 }

/** LOINC 8480-6 and 8462-4. */
export const systolic: Quantity = {
  code: '8480-6',
  display: 'Systolic blood pressure',
  units: ['mm[Hg]'],
  plausible: aroundNormal(
    [
      [60, 84],
      [72, 104],
      [86, 106],
      [89, 112],
      [97, 120],
      [110, 131],
    ],
    MIMIC.pressure,
  ),
  possible: PRESSURE,
}
export const diastolic: Quantity = {
  code: '8462-4',
  display: 'Diastolic blood pressure',
  units: ['mm[Hg]'],
  plausible: aroundNormal(
    [
      [31, 53],
      [37, 56],
      [42, 63],
      [46, 72],
      [57, 80],
      [64, 83],
    ],
    MIMIC.pressure,
  ),
  possible: PRESSURE,
}

export const vitalSigns: Readonly<Record<Kind, VitalSign>> = {
  'blood-pressure': {
    category: 'vital-signs',
    code: '85354-9',
    display: 'Blood pressure panel with all children optional',
    units: ['mm[Hg]'],
    plausible: [],
    possible: PRESSURE,
  },
  'heart-rate': {
    category: 'vital-signs',
    code: '8867-4',
    display: 'Heart rate',
    units: ['/min'],
    plausible: aroundNormal(
      [
        [90, 205],
        [90, 190],
        [80, 140],
        [65, 120],
        [58, 118],
        [50, 100],
      ],
      MIMIC.heartRate,
    ),
    // A heart can stand still. That none beats 600 times is the house's own.
    possible: { low: 0, high: 600 },
  },
  'respiratory-rate': {
    category: 'vital-signs',
    code: '9279-1',
    display: 'Respiratory rate',
    units: ['/min'],
    plausible: aroundNormal([
      [30, 53],
      [30, 53],
      [22, 37],
      [20, 28],
      [18, 25],
      [12, 20],
    ]),
    // The house's own: whoever is not breathing has a rate of 0, and nobody one of 200.
    possible: { low: 0, high: 200 },
  },
  temperature: {
    category: 'vital-signs',
    code: '8310-5',
    display: 'Body temperature',
    units: ['Cel', '[degF]'],
    plausible: [{ from: 0, low: MIMIC.temperature[0], high: MIMIC.temperature[1] }],
    // 11.8 was survived after an accident, and 4.2 where it was induced (Zafren et al., Wilderness Environ Med 2020, 10.1016/j.wem.2020.02.003). Of the highest that was
    // survived no source was found: 50 is the house's own.
    possible: { low: 4, high: 50 },
  },
  'oxygen-saturation': {
    category: 'vital-signs',
    code: '2708-6',
    display: 'Oxygen saturation in Arterial blood',
    alsoCode: { code: '59408-5', display: 'Oxygen saturation in Arterial blood by Pulse oximetry' },
    units: ['%'],
    // The house's own: makers of pulse oximeters that keep to ISO 80601-2-61 say how right these are from 70 % on, and below that nothing.
    plausible: [{ from: 0, low: 70, high: 100 }],
    possible: { low: 0, high: 100 },
  },
  // As long as WHO has tables of it (weight to ten years, height to nineteen, head to five), what its programs flag as an error: weight-for-age below -6 or above +5,
  // length- and height-for-age beyond 6, and head circumference-for-age beyond 5 standard deviations, of either sex at any age of the band (Child Growth Standards 2006
  // and Growth Reference 2007; github.com/WorldHealthOrganization/anthro and anthroplus). Later what is lowest stays as it was, which is the house's own.
  weight: {
    category: 'vital-signs',
    code: '29463-7',
    display: 'Body weight',
    units: ['kg', 'g', '[lb_av]'],
    plausible: [
      { from: 0, low: 0.9, high: 8.1 },
      { from: MONTH + 1, low: 1.5, high: 13.1 },
      { from: 183, low: 3.2, high: 16.3 },
      { from: YEAR + 1, low: 4, high: 21.3 },
      { from: 2 * YEAR + 1, low: 5.2, high: 38.8 },
      { from: 5 * YEAR, low: 7.5, high: 83.8 },
      { from: 10 * YEAR, low: 7.5, high: MIMIC.weight },
    ],
    // Somebody was born with 0.21 and lived (University of Iowa, Tiniest Babies Registry); 635 is what the heaviest was estimated at (Guinness World Records).
    possible: { low: 0.1, high: 800 },
  },
  height: {
    category: 'vital-signs',
    code: '8302-2',
    display: 'Body height',
    units: ['cm', '[in_i]'],
    plausible: [
      { from: 0, low: 38, high: 66.3 },
      { from: MONTH + 1, low: 42, high: 80.4 },
      { from: 183, low: 52.1, high: 90 },
      { from: YEAR + 1, low: 58.6, high: 106.1 },
      { from: 2 * YEAR + 1, low: 66.4, high: 138 },
      { from: 5 * YEAR, low: 80.6, high: 177 },
      { from: 10 * YEAR, low: 99.5, high: 221.1 },
      { from: 19 * YEAR, low: 99.5, high: MIMIC.height },
    ],
    // 272 was measured (Guinness World Records).
    possible: { low: 15, high: 300 },
  },
  'head-circumference': {
    category: 'vital-signs',
    code: '9843-4',
    display: 'Head Occipital-frontal circumference',
    units: ['cm', '[in_i]'],
    plausible: [
      { from: 0, low: 28, high: 43.1 },
      { from: MONTH + 1, low: 30.7, high: 49.4 },
      { from: 183, low: 35.7, high: 52.5 },
      { from: YEAR + 1, low: 38.1, high: 55.1 },
      { from: 2 * YEAR + 1, low: 40.2, high: 58.2 },
      { from: 5 * YEAR, low: 40.2 },
    ],
    // The house's own.
    possible: { low: 10, high: 150 },
  },
  pain: {
    category: 'survey',
    code: '72514-3',
    display: 'Pain severity - 0-10 verbal numeric rating [Score] - Reported',
    units: ['{score}'],
    // The scale.
    plausible: [{ from: 0, low: 0, high: 10 }],
    possible: { low: 0, high: 10 },
  },
  // Moles of it are another code, since how much a mole weighs is no matter of units: `glucoseInMoles`.
  glucose: {
    category: 'laboratory',
    code: '2339-0',
    display: 'Glucose [Mass/volume] in Blood',
    units: ['mg/dL', 'mmol/L'],
    plausible: [{ from: 0, low: MIMIC.glucose[0], high: MIMIC.glucose[1] }],
    // 2,656 was survived (Guinness World Records); twice that is the house's own.
    possible: { low: 0, high: 5_400 },
  },
}

/** A mole of glucose weighs 180.16 g, so 1 mmol/L is 18.016 mg/dL: the bounds are those of above. */
export const glucoseInMoles: Quantity = {
  code: '15074-8',
  display: 'Glucose [Moles/volume] in Blood',
  units: ['mmol/L'],
  plausible: [{ from: 0, low: 1.8, high: 111 }],
  possible: { low: 0, high: 300 },
}

/** What is weighed and what is tall, by one another; it is computed, and nobody sends it. */
export const bodyMassIndex = { code: '39156-5', display: 'Body mass index (BMI) [Ratio]', unit: 'kg/m2' } as const

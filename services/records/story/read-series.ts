import { numberOf } from '#fhir/decimal.ts'
import { canonicalUnit } from '#fhir/indexing/ucum.ts'
import { type Kept, readResource } from '#fhir/rooms/read.ts'
import { expectSees } from '#fhir/rooms/relationship.ts'
import { timelineOf } from '#fhir/rooms/timeline.ts'
import type { Context } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { type Body, conceptOf } from '../entries/fields.ts'
import type { RecordsTables } from '../tables.ts'
import { inUnit } from './in-unit.ts'
import { linkTo } from './read-timeline.ts'

interface Asked {
  code: string
  system?: string
  unit?: string
  from?: string
  until?: string
  cursor?: string
  limit?: number
}

interface Measured {
  resource: Kept
  at: string
  value: number
  /** As it was written. */
  unit: string | undefined
  /** In UCUM. */
  code: string | undefined
}

const LOINC = 'http://loinc.org'
const UCUM = 'http://unitsofmeasure.org'
const DAY_MS = 86_400_000

/** Points from the oldest, in one unit; what was measured beside it, such as one of two blood pressures, is found by its code. */
export async function readMeasurementSeries(
  ctx: Context<RecordsTables>,
  patient: string,
  { code, system = LOINC, unit, limit = 20, cursor, from, until }: Asked,
) {
  await expectSees(ctx, patient)
  if (unit !== undefined && !canonicalUnit(unit))
    throw new Problem('invalid', 'This is no unit of UCUM.', {
      errors: [{ pointer: '/query/unit', detail: 'is no unit of UCUM' }],
    })
  const all = {
    ...{ patient, types: ['Observation'] },
    where: { 'combo-code': `${escaped(system)}|${escaped(code)}`, 'status:not': 'entered-in-error' },
  }
  const page = await timelineOf(ctx, { ...all, from, until, cursor, limit, oldestFirst: true })
  const measured = page.events.flatMap(({ resource }) => measuredIn(resource, system, code))
  const newest = async () => (await timelineOf(ctx, { ...all, limit: 1 })).events
  // So that all pages are in the same.
  const shown = unit ?? (await newest()).flatMap(({ resource }) => measuredIn(resource, system, code))[0]?.code
  const born = (await readResource(ctx, 'Patient', patient))?.birthDate as string | undefined
  return {
    ...(shown !== undefined && { unit: shown }),
    items: measured.map((one) => pointOf(patient, one, { unit: shown, born })),
    ...(page.next !== undefined && { next: page.next }),
  }
}

const escaped = (text: string): string => text.replace(/[\\,|$]/g, (sign) => `\\${sign}`)

function measuredIn(resource: Kept, system: string, code: string): Measured[] {
  const at = resource.effectiveDateTime ?? (resource.effectivePeriod as Body | undefined)?.start
  if (typeof at !== 'string') return []
  const parts = [resource, ...((resource.component ?? []) as Body[])] as Body[]
  return parts.flatMap((part) => {
    const is = conceptOf(part.code)?.coding?.some((one) => one.system === system && one.code === code)
    const quantity = (part.valueQuantity ?? {}) as Body
    const value = numberOf(quantity.value)
    // `< 5` is no point of a curve; the list of results tells it.
    if (!is || value === undefined || quantity.comparator !== undefined) return []
    // A unit in words alone is not guessed at.
    const ucum = quantity.system === UCUM ? (quantity.code as string | undefined) : undefined
    return [{ resource, at, value, code: ucum, unit: (quantity.code ?? quantity.unit) as string | undefined }]
  })
}

function pointOf(
  patient: string,
  { resource, at, value, code, unit: recorded }: Measured,
  { unit, born }: { unit: string | undefined; born: string | undefined },
) {
  const converted = unit === undefined ? undefined : inUnit(value, code, unit)
  const ageDays = ageAt(born, at)
  return {
    at,
    ...(converted !== undefined && { value: converted }),
    recorded: { value, ...(recorded !== undefined && { unit: recorded }) },
    ...(ageDays !== undefined && { ageDays }),
    status: String(resource.status),
    link: linkTo(patient, resource),
  }
}

/** Of two whole days; a month or a year alone says no age in days. */
function ageAt(born: string | undefined, at: string): number | undefined {
  if (born === undefined || born.length < 10 || at.length < 10) return undefined
  return Math.floor((Date.parse(at.slice(0, 10)) - Date.parse(born)) / DAY_MS)
}

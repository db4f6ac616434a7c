import type { Static } from 'typebox'
import type { Slot } from '../contract/fhir/slots.ts'
import type { SlotRow } from '../queries/slots.ts'
import { modesInFhir, serviceInFhir } from './coded.ts'

const CAPACITY = 'http://fhir-registry.smarthealthit.org/StructureDefinition/slot-capacity'
const MINUTE = 60_000
/** Digits of a UUID in base 32. */
const DIGITS = 26

/** What a Slot is of. It has no row: hours of a practitioner never overlap, so this is enough to find it again. */
export interface SlotKey {
  practitioner: string
  start: Date
  service: string | null
}

/** Of at most 61 letters, digits and dots: FHIR ids have 64. */
export const slotId = ({ practitioner, start, service }: SlotKey): string =>
  [short(practitioner), (start.getTime() / MINUTE).toString(36), ...(service ? [short(service)] : [])].join('.')

const SLOT = /^([0-9a-v]{26})\.([0-9a-z]{1,7})(?:\.([0-9a-v]{26}))?$/

export function slotKey(id: string): SlotKey | undefined {
  const [, practitioner, minutes, service] = SLOT.exec(id) ?? []
  if (!practitioner || !minutes) return undefined
  const start = new Date(Number.parseInt(minutes, 36) * MINUTE)
  const whose = long(practitioner)
  const what = service === undefined ? null : long(service)
  return whose === undefined || what === undefined || Number.isNaN(start.getTime())
    ? undefined
    : { practitioner: whose, start, service: what }
}

const short = (uuid: string) =>
  BigInt(`0x${uuid.replaceAll('-', '')}`)
    .toString(32)
    .padStart(DIGITS, '0')

function long(digits: string): string | undefined {
  const value = [...digits].reduce((sum, digit) => sum * 32n + BigInt(Number.parseInt(digit, 32)), 0n)
  const hex = value.toString(16).padStart(32, '0')
  return hex.length > 32 ? undefined : hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}

/** R4 Slot. */
export const slotInFhir = (practitioner: string, row: SlotRow, publicUrl: string): Static<typeof Slot> => ({
  resourceType: 'Slot',
  id: slotId({ practitioner, start: row.start_at, service: row.service_id }),
  ...(row.seats !== null && { extension: [{ url: CAPACITY, valueInteger: row.seats }] }),
  serviceCategory: modesInFhir(row.modes),
  ...(row.service && { serviceType: [serviceInFhir(publicUrl, row.service)] }),
  schedule: { reference: `Schedule/${row.schedule_id}` },
  status: 'free',
  start: row.start_at.toISOString(),
  end: row.end_at.toISOString(),
})

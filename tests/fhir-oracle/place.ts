import type { Value } from '#fhir/query/query.ts'
import type { Element } from './elements.ts'

const EARTH_KM = 6_371
const radians = (degrees: number) => (degrees * Math.PI) / 180

/** Along a great circle of a round earth. */
export function isNear({ value }: Element, asked: Extract<Value, { kind: 'near' }>): boolean {
  const { latitude, longitude } = value as { latitude: number; longitude: number }
  const [north, south] = [radians(latitude), radians(asked.latitude)]
  const half = (degrees: number) => Math.sin(radians(degrees) / 2) ** 2
  const chord = half(latitude - asked.latitude) + Math.cos(north) * Math.cos(south) * half(longitude - asked.longitude)
  return 2 * EARTH_KM * Math.asin(Math.sqrt(chord)) <= asked.km
}

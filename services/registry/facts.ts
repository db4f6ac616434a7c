import { toE164 } from '#platform/phone.ts'
import { wrong } from './caller.ts'

const regions = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' })
/** ISO 3166-1 leaves these to users: for places that have no code, and for countries that do not exist. */
const USER_ASSIGNED = /^(AA|Q[M-Z]|X[A-Z]|ZZ)$/

export function checkCountry(country: string | undefined): void {
  if (country === undefined || USER_ASSIGNED.test(country) || regions.of(country) !== undefined) return
  throw wrong('/body/country', 'must be an ISO 3166-1 code of two letters, such as GH')
}

/** Phone and e-mail of a change or a new record as columns; null takes away, absent leaves alone. */
export function reachOf({ phone, email }: { phone?: string | null; email?: string | null }) {
  return {
    ...(phone !== undefined && { phone: phone === null ? null : toE164(phone, '/body/phone') }),
    ...(email !== undefined && { email }),
  }
}

/** A day begins first at UTC+14: who is born there today is not born in the future. */
const EARLIEST_ZONE_HOURS = 14

export function checkBirthDate(birthDate: string | undefined, now: Date): void {
  if (birthDate === undefined) return
  const today = new Date(now.getTime() + EARLIEST_ZONE_HOURS * 3_600_000).toISOString().slice(0, 10)
  if (birthDate > today) throw wrong('/body/birthDate', 'must not be in the future')
  if (birthDate < '1900-01-01') throw wrong('/body/birthDate', 'must be 1900-01-01 or later')
}

import { parsePhoneNumberFromString } from 'libphonenumber-js/min'
import { list } from '#platform/config.ts'
import type { Context } from '#platform/context.ts'
import { isDemonstration } from '../addresses.ts'
import type { NotificationsTables } from '../tables.ts'

/** +1 … 555-01xx: numbers that belong to nobody. */
const FICTIONAL = /^\+1\d{3}55501\d\d$/

/** Why nothing is sent to this number, if nothing is. */
export async function whyNotTo(ctx: Context<NotificationsTables>, phone: string): Promise<string | undefined> {
  const countries = list(ctx.config.SMS_COUNTRIES)
  const country = parsePhoneNumberFromString(phone)?.country ?? ''
  if (countries.length > 0 && !countries.includes(country)) return 'country-not-permitted'
  if ((await isDemonstration(ctx)) && !FICTIONAL.test(phone)) return 'number-not-permitted'
  return undefined
}

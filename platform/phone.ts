import { parsePhoneNumberFromString } from 'libphonenumber-js/min'
import { Problem } from './errors.ts'

/**
 * A phone number as E.164. Only its form is judged (`isPossible`), never whether a network gave it out: numbering plans change faster
 * than any list, and numbers reserved for fiction must pass.
 */
export function toE164(text: string, pointer: string): string {
  const number = parsePhoneNumberFromString(text, { extract: false })
  if (number?.isPossible() && !number.ext) return number.number
  throw new Problem('invalid', 'The phone number is not one. Write it with its country code, such as +233201234567.', {
    errors: [{ pointer, detail: 'must be a phone number with its country code (E.164)' }],
  })
}

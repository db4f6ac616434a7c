import { Problem } from '#platform/errors.ts'
import { toE164 } from '#platform/phone.ts'

/** What somebody signs in by, in the one form in which it is compared. */
export type Identifier = { kind: 'userName'; key: string } | { kind: 'phone'; phone: string }

/** NFKC makes full-width and ligature forms one; lower case after that, and NFKC again since lower case can undo it. */
export const foldUserName = (userName: string): string => userName.normalize('NFKC').toLowerCase().normalize('NFKC')

const FORM = /^[\p{L}\p{N}][\p{L}\p{M}\p{N}._-]*$/u
/** Scripts with letters that look alike: a name in more than one of them is made to be mistaken for another. */
const LOOKALIKES = [/\p{Script=Latin}/u, /\p{Script=Cyrillic}/u, /\p{Script=Greek}/u]

/** The key of a user name that somebody chooses. */
export function newUserNameKey(userName: string): string {
  const key = foldUserName(userName)
  const scripts = LOOKALIKES.filter((script) => script.test(key)).length
  if (FORM.test(key) && key.length >= 3 && key.length <= 60 && scripts <= 1) return key
  throw new Problem('invalid', 'The user name has a form that is not accepted here.', {
    errors: [
      {
        pointer: '/body/userName',
        detail: 'must begin with a letter or digit; then letters and digits of one script, and . _ -',
      },
    ],
  })
}

/** The one of the two that was given. */
export function identifierOf({ userName, phone }: { userName?: string; phone?: string }): Identifier {
  if (userName !== undefined && phone === undefined) return { kind: 'userName', key: foldUserName(userName) }
  if (phone !== undefined && userName === undefined) return { kind: 'phone', phone: toE164(phone, '/body/phone') }
  throw new Problem('business-rule', 'Sign in with either userName or phone.', {
    errors: [{ pointer: '/body', detail: 'needs one of userName and phone' }],
  })
}

export const nameOf = (by: Identifier): string => (by.kind === 'phone' ? by.phone : by.key)

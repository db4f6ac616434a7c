import { isolated } from '#platform/message-format.ts'

/** Signs that turn what follows them around, or that nobody sees: a name could end a line with them, or look like another (Unicode Technical Report 36 §3.2). */
// biome-ignore-start lint/suspicious/noControlCharactersInRegex: these are what it takes away.
const UNSEEN =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\u{e0000}-\u{e007f}]|\u034f/gu
// biome-ignore-end lint/suspicious/noControlCharactersInRegex: these are what it takes away.

/** What somebody wrote, as it can be printed: no sign of it does anything, and all is well formed. Joiners stay: words of Arabic and Hindi need them. */
export const cleanText = (text: string): string =>
  text
    .toWellFormed()
    .normalize('NFC')
    .replace(/\r\n?|[\u2028\u2029]/g, '\n')
    .replace(/\t/g, ' ')
    .replace(UNSEEN, '')

/** The same inside words of this language, which run on around it as they would; each line by itself, since what isolates it ends with the line. */
export const cleanWithin = (text: string, tag: string): string =>
  cleanText(text)
    .split('\n')
    .map((line) => isolated(line, tag))
    .join('\n')

import { isolated } from '#platform/message-format.ts'

/** Signs that turn what follows them around, or that nobody sees: a name could end a line with them, or look like another (Unicode Technical Report 36 §3.2). */
const UNSEEN = [
  ...['0000-0008', '000b-001f', '007f-009f', '00ad', '034f', '061c', '115f-1160', '180e', '200b', '200e-200f'],
  ...['2028-202e', '2060-206f', '3164', 'feff', 'ffa0', 'fff9-fffb', 'e0000-e007f'],
].map((range) =>
  range
    .split('-')
    .map((point) => `\\u{${point}}`)
    .join('-'),
)
const unseen = new RegExp(`[${UNSEEN.join('')}]`, 'gu')

/** What somebody wrote, as it can be printed: no sign of it does anything, and all is well formed. Joiners stay: words of Arabic and Hindi need them. */
export const cleanText = (text: string): string =>
  text
    .toWellFormed()
    .normalize('NFC')
    .replace(/\r\n?|[\u2028\u2029]/g, '\n')
    .replace(/\t/g, ' ')
    .replace(unseen, '')

/** The same inside words of this language, which run on around it as they would; each line by itself, since what isolates it ends with the line. */
export const cleanWithin = (text: string, tag: string): string =>
  cleanText(text)
    .split('\n')
    .map((line) => isolated(line, tag))
    .join('\n')

/** Of a folded text; what is asked for is cut alike. */
export const LONGEST_STRING = 200

const NOT_ASCII = /[^\x20-\x7e]/
/** Letters that a decomposition leaves as they are, and that people write otherwise too. */
const LETTERS: Readonly<Record<string, string>> = {
  ...{ ß: 'ss', æ: 'ae', œ: 'oe', ø: 'o', đ: 'd', ð: 'd', ł: 'l', ħ: 'h', ŧ: 't', þ: 'th', ı: 'i', ς: 'σ' },
}
const LETTER = /[ßæœøđðłħŧþıς]/g

/**
 * A text as strings are found by (hl7.org/fhir/R4/search.html#string): lower case, without accents, each run of white space as one space, none at the ends,
 * at most 200 characters. Folding what is folded changes nothing. Only the beginning of a long text is looked at, so that it is no slower than a short one.
 */
export function fold(text: string): string {
  return cut(plainOf(text.trimStart().slice(0, MOST_LOOKED_AT)))
}

/** The end of a text alike: its last 200 characters. */
export function foldEnd(text: string): string {
  const plain = plainOf(text.trimEnd().slice(-MOST_LOOKED_AT))
  return plain.slice(-LONGEST_STRING).toWellFormed().trimStart()
}

const MOST_LOOKED_AT = 5 * LONGEST_STRING

/** Whether what was folded may be the beginning alone; as the database counts it. What is cut may lose half of a character and a space. */
export const MOST_SURELY_WHOLE = LONGEST_STRING - 3
export const maybeCut = (folded: string): boolean =>
  folded.length * 3 > MOST_SURELY_WHOLE && Buffer.byteLength(folded) > MOST_SURELY_WHOLE

function plainOf(text: string): string {
  const plain = NOT_ASCII.test(text) ? withoutMarks(text) : text.toLowerCase()
  return plain.includes('  ') || plain.endsWith(' ') ? plain.replace(/ {2,}/g, ' ').trimEnd() : plain
}

function withoutMarks(text: string): string {
  return text
    .normalize('NFKD')
    .toLowerCase()
    .replace(/\p{M}/gu, '')
    .replace(LETTER, (letter) => LETTERS[letter] ?? letter)
    .toWellFormed()
    .replace(/\s+/g, ' ')
    .trimStart()
}

function cut(text: string): string {
  if (text.length <= LONGEST_STRING) return text
  return beginningOf(text, LONGEST_STRING).trimEnd()
}

/** Never half of a character, which no database stores. */
export function beginningOf(text: string, length: number): string {
  if (text.length <= length) return text
  const last = text.charCodeAt(length - 1)
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? length - 1 : length)
}

/**
 * A text as Typst can set it. A line of 64 KB, and in Devanagari a syllable of 256 signs, ends its whole process, for everybody; marks upon one letter cost the
 * square of how many they are; and what cannot be broken runs off the paper. So a long word may be broken here and there, not within a letter or a ligature.
 */
export const breakable = (text: string): string =>
  text
    .replace(MARKS, (all) => `${all.slice(0, MOST_MARKS)}\ufffd`)
    .replace(LONG_WORD, (word) => word.replace(PART, '$&\u200b'))

/** Unicode Standard Annex #15 §13: no language has as many. What is not shown says so. */
const MOST_MARKS = 30
/** Also what joins letters: it has no width either, and a line would never be full of it. */
const MARKS = /[\p{M}\u200c\u200d]{31,}/gu
const LONG_WORD = /[^ \n]{31,}/gu
/** Then what belongs to its last letter; a letter behind a joiner or a virama belongs to the one before. */
const PART = /.{20}(?:[\p{M}\p{Cf}]|(?<=[\u094d\u200d]).){0,40}/gsu

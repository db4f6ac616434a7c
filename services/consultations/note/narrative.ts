// What was written, as FHIR wants text (hl7.org/fhir/R4/narrative.html), and back: the note is kept as the record has it, and nowhere else.

const HEAD = '<div xmlns="http://www.w3.org/1999/xhtml"><p>'
const TAIL = '</p></div>'
const ESCAPED: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
const PLAIN = new Map(Object.entries(ESCAPED).map(([plain, escaped]) => [escaped, plain]))

/** Whatever it says, it is text: nothing of it becomes an element. Ends of lines stay as they came. */
export const narrativeOf = (text: string) => ({
  status: 'additional' as const,
  div: `${HEAD}${text.replace(/[&<>"]/g, (sign) => ESCAPED[sign] ?? sign).replace(/(\r?\n)/g, '<br/>$1')}${TAIL}`,
})

export const textOf = (div: string): string =>
  div
    .slice(HEAD.length, -TAIL.length)
    .replaceAll('<br/>', '')
    .replace(/&(?:amp|lt|gt|quot);/g, (escaped) => PLAIN.get(escaped) ?? escaped)

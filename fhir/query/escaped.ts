// hl7.org/fhir/R4/search.html#escaping: `\,` `\|` `\$` and `\\` are the characters themselves.

/** The parts between unescaped separators, still escaped; at most `most` parts, the last of which holds the rest. */
export function splitAt(text: string, separator: ',' | '|' | '$', most = Number.POSITIVE_INFINITY): string[] {
  const parts: string[] = []
  let start = 0
  for (let i = 0; i < text.length && parts.length < most - 1; i++) {
    if (text[i] === '\\') i += 1
    else if (text[i] === separator) {
      parts.push(text.slice(start, i))
      start = i + 1
    }
  }
  parts.push(text.slice(start))
  return parts
}

/** Any other backslash stands for itself. */
export const unescaped = (text: string): string => text.replace(/\\([,|$\\])/g, '$1')

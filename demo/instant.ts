/** Hours begin at the same times everywhere, so most instants are asked for again; writing one costs twenty times a look. */
const written = new Map<number, string>()
const MOST = 10_000

/** As SQL and JSON write it. */
export function instant(milliseconds: number): string {
  const known = written.get(milliseconds)
  if (known !== undefined) return known
  if (written.size >= MOST) written.clear()
  const text = new Date(milliseconds).toISOString()
  written.set(milliseconds, text)
  return text
}

export const range = (from: number, until: number) => `[${instant(from)},${instant(until)})`

// How invariants look at an element whose structure has been found right.

export type Members = Readonly<Record<string, unknown>>

/** An extension instead of a value counts as there, as in FHIRPath's exists(). */
export const has = (it: Members, name: string) => it[name] !== undefined || it[`_${name}`] !== undefined

/** Of a choice: `value` in any of its types. */
export function hasChoice(it: Members, name: string): boolean {
  for (const key in it) {
    const from = key.charCodeAt(0) === 95 ? 1 : 0
    const next = key.charCodeAt(from + name.length)
    if (key.startsWith(name, from) && next >= 65 && next <= 90) return true
  }
  return false
}

export const list = (value: unknown): readonly Members[] => (Array.isArray(value) ? (value as Members[]) : [])

export const member = (it: Members, name: string): Members => (it[name] ?? {}) as Members

/** Whether a CodeableConcept has one of these codes of a system. */
export const hasCode = (concept: unknown, system: string, ...codes: string[]) =>
  list((concept as Members | undefined)?.coding).some(
    (coding) => coding.system === system && codes.includes(String(coding.code)),
  )

export const areDistinct = (values: readonly unknown[]) => new Set(values).size === values.length

/** Every `name` below, at any depth: `item` of a Questionnaire. Without recursion. */
export function below(it: Members, name: string): Members[] {
  const found = [...list(it[name])]
  for (let at = 0; at < found.length; at++) for (const inner of list(found[at]?.[name])) found.push(inner)
  return found
}

/** One dateTime is not after another, as far as both say; an instant is only compared with an instant. */
export function isInOrder(start: unknown, end: unknown): boolean {
  if (typeof start !== 'string' || typeof end !== 'string') return true
  if (start.length > 10 && end.length > 10) return !(Date.parse(start) > Date.parse(end))
  const length = Math.min(10, start.length, end.length)
  return start.slice(0, length) <= end.slice(0, length)
}

/** A list in which one entry says what a column holds: left as it is while that says the same, else with what the column says in its place. */
export function withColumn<T>(list: readonly T[] = [], at: number, isSame: boolean, now: readonly T[]): T[] {
  return isSame ? [...list] : at < 0 ? [...now, ...list] : [...list.slice(0, at), ...now, ...list.slice(at + 1)]
}

export const filled = <T>(list: readonly T[]): readonly T[] | undefined => (list.length > 0 ? list : undefined)

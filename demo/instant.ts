/** As SQL and JSON write it. */
export const instant = (milliseconds: number) => new Date(milliseconds).toISOString()

export const range = (from: number, until: number) => `[${instant(from)},${instant(until)})`

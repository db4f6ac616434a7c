/** As SQL and JSON write it. */
export const instant = (milliseconds: number) => new Date(milliseconds).toISOString()

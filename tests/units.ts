const units: Readonly<Record<string, { unit: string; factor: number }>> = {
  kg: { unit: 'g', factor: 1_000 },
  g: { unit: 'g', factor: 1 },
  mg: { unit: 'g', factor: 0.001 },
  m: { unit: 'm', factor: 1 },
  cm: { unit: 'm', factor: 0.01 },
  Cel: { unit: 'Cel', factor: 1 },
  '/min': { unit: '/min', factor: 1 },
}

/** A handful of UCUM, by hand: for tests of what only needs some units that convert and some that do not. */
export const canonicalUnit = (unit: string): { unit: string; factor: number } | undefined =>
  Object.hasOwn(units, unit) ? units[unit] : undefined

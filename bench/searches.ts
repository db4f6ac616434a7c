/** A generator of numbers in [0, 1) that gives the same ones in every run. */
export function dice(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

export const mixes = {
  near: 'speciality, language, within 25 km',
  speciality: 'speciality',
  mode: 'speciality, mode, gender',
  any: 'no criteria',
} as const
export type Mix = keyof typeof mixes

export interface Search {
  speciality?: string
  language?: string
  near?: { latitude: number; longitude: number }
  mode?: string
  gender?: string
}

const DEGREES_BETWEEN_PLACES = 10 / 111.195
const LANGUAGES = ['en', 'fr', 'sw', 'am']

/** What people look for, in the proportions in which practitioners are on offer. */
export function searches(mix: Mix, practitioners: number, count: number): Search[] {
  const roll = dice(7)
  const pick = <T>(list: readonly T[]) => list[Math.floor(roll() * list.length)] as T
  const speciality = () => `speciality-${String(Math.floor(roll() ** 2 * 40)).padStart(2, '0')}`
  const make: Record<Mix, () => Search> = {
    near: () => ({ speciality: speciality(), language: pick(LANGUAGES), near: somewhere(practitioners, roll) }),
    speciality: () => ({ speciality: speciality() }),
    mode: () => ({ speciality: speciality(), mode: pick(['in-person', 'video']), gender: pick(['female', 'male']) }),
    any: () => ({}),
  }
  return Array.from({ length: count }, make[mix])
}

/** Within 2 km of a place whose circle lies wholly in the country. */
function somewhere(practitioners: number, roll: () => number): { latitude: number; longitude: number } {
  const side = Math.ceil(Math.sqrt(practitioners / 40))
  const inner = side - 4
  const coordinate = () => {
    const degrees = (2 + Math.floor(roll() * inner) + (roll() - 0.5) * 0.2) * DEGREES_BETWEEN_PLACES
    return Math.round(degrees * 10_000) / 10_000
  }
  return { latitude: coordinate(), longitude: coordinate() }
}

export function urlOf({ speciality, language, near, mode, gender }: Search): string {
  const query = new URLSearchParams({
    ...(speciality && { speciality }),
    ...(language && { language }),
    ...(near && { near: `${near.latitude},${near.longitude}` }),
    ...(mode && { mode }),
    ...(gender && { gender }),
  })
  return `/v1/practitioners/find?${query}`
}

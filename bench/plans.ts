import { writeFile } from 'node:fs/promises'
import { findPractitioners } from '#services/scheduling/find-practitioners.ts'
import { listVisible } from '#services/scheduling/queries/appointments.ts'
import { bookingFacts, insertAppointment } from '#services/scheduling/queries/booking.ts'
import type { Country } from './country.ts'
import { LARGE, makeCountryOf, SMALL, withDatabase } from './database.ts'
import { type Explainer, openExplainer, type Plan } from './explain.ts'
import { seeker, sessionStatement } from './floor-find.ts'
import { tokenOf } from './people.ts'
import { type Mix, mixes, searches } from './searches.ts'
import { anyWish, claimsOf } from './wish.ts'

/** Writes docs/plans.md: how PostgreSQL runs the statements that matter, in a small country and in a large one. */
export async function writePlans(countries: readonly Country[]): Promise<void> {
  const sections: string[] = []
  for (const country of countries) sections.push(await sectionFor(country))
  const intro = `# Query plans

Written by \`make bench\` (or \`node bench/plans.ts\`). Plans are generic, as the house's connections have them, and shown as run for the third
time. Parts that were never executed are left out. Times include the cost of taking them. A plan scales when its rows, not only its times, are
the same with 1,000 practitioners and with 100,000.
`
  await writeFile(new URL('../docs/plans.md', import.meta.url), `${intro}\n${sections.join('\n')}`)
}

async function sectionFor(country: Country): Promise<string> {
  const explainer = await openExplainer(country)
  const parts: string[] = [`## ${country.practitioners.toLocaleString('en')} practitioners\n`]
  try {
    for (const mix of Object.keys(mixes) as Mix[])
      parts.push(show(`find: ${mixes[mix]}`, FIND[mix], await explainer.explain(() => search(explainer, country, mix))))
    parts.push(
      show('Session look-up', 'By the hash of the token; roles and grants by account.', await session(explainer)),
    )
    if (country.practitioners === SMALL) parts.push(...(await ofAppointments(explainer, country)))
  } finally {
    await explainer.close()
  }
  return parts.join('\n')
}

const FIND: Record<Mix, string> = {
  near: 'Places by latitude, then the offers of each place; as many as practise in the circle.',
  speciality: 'Offers in the order of their next slot, until the page is full.',
  mode: 'The same, past those that do not match: as many more as matches are rare.',
  any: 'The same over one offer of each schedule.',
}

async function search({ db }: Explainer, { practitioners }: Country, mix: Mix): Promise<void> {
  const [{ near, language, ...rest } = {}] = searches(mix, practitioners, 1)
  const query = {
    ...rest,
    ...(near && { near: `${near.latitude},${near.longitude}` }),
    ...(language && { language: [language] }),
  }
  await findPractitioners({ db, actor: seeker, now: () => new Date() } as never, query as never)
}

async function session({ explain, query }: Explainer): Promise<Plan[]> {
  const { text, values } = await sessionStatement(tokenOf(1))
  return explain(() => query(text, [...values]))
}

async function ofAppointments({ db, explain }: Explainer, country: Country): Promise<string[]> {
  const wish = await anyWish(country)
  const facts = await bookingFacts(db, wish)
  const list = () => listVisible(db, { ...wish, within: undefined }, { ...EVERYTHING, from: wish.now })
  const book = () => insertAppointment(...claimsOf(wish, facts)).execute(db)
  return [
    show('Booking: the facts', FACTS, await explain(() => bookingFacts(db, wish))),
    show('Booking: the claims', CLAIMS, await explain(book)),
    show('List of appointments', LIST, await explain(list)),
  ]
}

const FACTS =
  'The lock on the practitioner and the room of the hours around the start; then all that the rules need, in one row.'
const CLAIMS =
  'The appointment, its claims, and what follows from them: free ranges and next slots of the shifts concerned.'
const LIST = 'Those of each patient for whom one may book, and one’s own: index ranges in the order of the page.'
const EVERYTHING = { patient: null, practitioner: null, status: null, until: null, after: undefined, limit: 21 }

function show(title: string, sentence: string, plans: Plan[]): string {
  const blocks = plans.map(
    ({ query, plan, milliseconds }) => `\`${query}\`: ${milliseconds} ms\n\n\`\`\`text\n${plan}\n\`\`\`\n`,
  )
  return `### ${title}\n\n${sentence}\n\n${blocks.join('\n')}`
}

if (import.meta.main)
  await withDatabase(async (place) =>
    writePlans([await makeCountryOf(SMALL, place), await makeCountryOf(LARGE, place)]),
  )

import type { Context } from '#platform/context.ts'
import { decodeCursor, encodeCursor } from '#platform/paging.ts'
import type { Identity } from '../bundle/plan.ts'
import type { Answer, Asked, Face } from '../interactions/asked.ts'
import { bundleText, pageLinks } from '../interactions/bundle-text.ts'
import { countIn, instantIn, wrong } from '../interactions/page-asked.ts'
import { permittedTypes } from '../interactions/permitted.ts'
import { typesOf } from '../interactions/search.ts'
import { preferencesIn } from '../prefer.ts'
import { parseDate } from '../query/parse-date.ts'
import type { Include } from '../query/query.ts'
import { compartmentOf } from '../search-parameters.ts'
import { careDatesOf } from '../store/care-dates.ts'
import { readEverything } from '../store/everything.ts'
import type { Found } from '../store/find.ts'
import { includedIn } from '../store/include.ts'
import { noteSeen } from '../store/note-seen.ts'
import { type Seer, seerOf } from '../store/seer.ts'
import { inputOf } from './input.ts'

const KNOWN: ReadonlySet<string> = new Set(['_since', '_type', '_count', 'start', 'end', 'cursor', '_format'])

/** What belongs to something: itself, and what refers to it. */
export interface Whole {
  itself: Identity
  /** As the index of a type has them: `Observation.encounter=Encounter/1`. */
  references(type: string): readonly string[]
  /** Throws where whoever asks may not know of it; `found`: whether there was anything. */
  admit(seer: Seer, found: boolean): Promise<void>
}

/** A page of all that belongs to something, of the types that whoever asks may read, in the order of its coming; of what is shown, an audit row for each. */
export async function everythingOf(ctx: Context<unknown>, asked: Asked, face: Face, whole: Whole): Promise<Answer> {
  const input = understood(asked)
  const { types, actor } = permittedTypes(asked, typesOf(input, face), 'r')
  const seer = seerOf({ ...ctx, actor })
  const limit = countIn(input)
  const [after] = decodeCursor(input.get('cursor') ?? undefined, ['number']) ?? []
  const { itself } = whole
  const rows = await readEverything(
    ctx.db,
    {
      ...{ types, itself, after: after as number | undefined, limit: limit + 1 },
      references: types.flatMap((type) => whole.references(type)),
      since: instantIn(input, '_since'),
      ...{ from: dayIn(input, 'start')?.from, until: dayIn(input, 'end')?.until, careDates: careDatesOf(types) },
    },
    seer,
  )
  await whole.admit(seer, rows.length > 0)
  const page = rows.slice(0, limit)
  const beside = await includedIn(ctx.db, page, { includes: supporting(page, types) }, { seer, base: face.base })
  await noteSeen({ ...ctx, actor }, [...page, ...beside])
  return shown(page, beside, { input, face, itself, isMore: rows.length > limit })
}

/** What these refer to that belongs to no patient: who cared, where, and for whom. */
function supporting(page: readonly Found[], types: readonly string[]): Include[] {
  const targets = types.filter((type) => type !== 'Patient' && compartmentOf('Patient', type).length === 0)
  const from = [...new Set(page.map(({ type }) => type))]
  return from.flatMap((type) =>
    targets.map((target): Include => ({ kind: 'include', type, parameter: undefined, target, iterate: false })),
  )
}

function shown(
  page: readonly Found[],
  beside: readonly Found[],
  { input, face: { base }, itself, isMore }: { input: URLSearchParams; face: Face; itself: Identity; isMore: boolean },
): Answer {
  const last = isMore ? page.at(-1) : undefined
  const path = `${base}/${itself.type}/${itself.id}/$everything`
  return {
    status: 200,
    body: bundleText('searchset', {
      links: pageLinks(path, input, last && encodeCursor([last.key])),
      entries: [...page.map(entryAs('match', base)), ...beside.map(entryAs('include', base))],
    }),
  }
}

const entryAs =
  (mode: 'match' | 'include', base: string) =>
  ({ type, id, body }: Found) => ({
    fullUrl: `${base}/${type}/${id}`,
    resource: body,
    more: { search: { mode } },
  })

/** What is not known is passed over, or refused where `Prefer: handling=strict` asks for that: as of a search. */
function understood(asked: Asked): URLSearchParams {
  const given = [...inputOf(asked)]
  const unknown = given.find(([name]) => !KNOWN.has(name))
  if (unknown && preferencesIn(asked.headers.prefer).handling === 'strict')
    throw wrong(unknown[0].slice(0, 64).replace(/[^\w.:-]/g, '_'), 'is not known here')
  return new URLSearchParams(given.filter(([name]) => KNOWN.has(name)))
}

function dayIn(input: URLSearchParams, name: 'start' | 'end') {
  const given = input.get(name)
  if (given === null) return undefined
  const date = parseDate(name, given)
  if (!/^\d/.test(given)) throw wrong(name, 'must be a date, without a prefix')
  return date
}

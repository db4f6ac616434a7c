import type { Kysely } from 'kysely'
import { type Actor, authenticateLater } from '#platform/auth.ts'
import { Problem } from '#platform/errors.ts'
import { admit } from '#platform/requests.ts'
import type { Asked } from '../interactions/asked.ts'
import { permitted } from '../interactions/permitted.ts'
import { seerOf } from '../store/seer.ts'
import { type Matching, matchesAmong, type Watching } from '../store/subscriptions.ts'
import { resolveQuery } from '../terminology/resolve-query.ts'
import { terminologyIn } from '../terminology/terminology.ts'
import { criteriaOf } from './criteria.ts'

export interface Told {
  actor: Actor
  matches: Matching[]
}

/**
 * Which of these resources a subscription tells of, to whoever asked for it as they are now: what they may see at this moment, and could search for. `matched`: they met
 * its criteria before, and are only to be seen. Throws Problem `login` where what it was asked for with has ended, and others where it could not be asked for any more.
 */
export async function matchesOf(
  db: Kysely<unknown>,
  watching: Watching,
  keys: readonly number[],
  { base, types, now, matched = false }: { base: string; types: readonly string[]; now: Date; matched?: boolean },
): Promise<Told> {
  const actor = await authenticateLater(db, watching, now)
  if (!actor) throw new Problem('login', 'What this was asked for with has ended.')
  const asked: Pick<Asked, 'admit'> = {
    admit: (type, letter) =>
      admit(actor, { access: type === undefined ? 'signed-in' : (`${type}.${letter}` as never), patient: 'condition' }),
  }
  const whole = criteriaOf(watching.criteria, { base, types })
  const [type = ''] = whole.types
  const open = permitted(whole, asked.admit(type, 's'), asked)
  const query = matched ? { ...open.query, criteria: [], filter: undefined } : open.query
  const seer = seerOf({ actor: open.actor, now: () => now })
  return { actor, matches: await matchesAmong(db, keys, await resolveQuery(query, terminologyIn(db)), seer) }
}

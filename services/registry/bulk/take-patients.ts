import type { Static } from 'typebox'
import { audit } from '#platform/audit.ts'
import type { TransactionContext } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import type { KeptResource } from '#platform/keeper.ts'
import type { NewPatient } from '../contract/patients.ts'
import type { Tables } from '../database.ts'
import { checkBirthDate, reachOf } from '../facts.ts'
import { patientFrom } from '../projection/from-fhir.ts'
import { withoutNumbersWithin } from '../projection/numbers.ts'
import { keepSaid } from '../projection/queries.ts'
import { OF_MERGES, saidOf } from '../projection/said.ts'
import { insertPatients, patientsBy } from './queries.ts'
import { faultOf, type Taken } from './taken.ts'

type Facts = ReturnType<typeof factsOf>
/** What becomes a row, and what is kept beside it. */
interface Read {
  facts: Facts
  said: string
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/**
 * Registers patients who come from elsewhere, each under the id that it has there. Nobody's account is theirs yet. Who is there already stays as they are: the same
 * is no change, and anything else is refused.
 */
export async function takePatients(
  ctx: TransactionContext<Tables>,
  resources: readonly KeptResource[],
): Promise<Taken[]> {
  if (resources.length === 0) return []
  const read = resources.map((resource) => readOf(ctx, resource))
  const once = firstOf(read)
  const made = new Set(await insertPatients(ctx.db, newRows(ctx, once)))
  for (const id of made) audit(ctx, { action: 'C', entity: `Patient/${id}`, subject: `Patient/${id}` })
  const said = once.filter(({ facts }) => made.has(facts.id))
  if (said.length > 0)
    await keepSaid(
      ctx.db,
      said.map(({ facts: { id }, said }) => ({ type: 'Patient', id, resource: said })),
    )
  const there = await thereBefore(ctx, read, made)
  return read.map((one): Taken => {
    if (typeof one === 'string') return { outcome: 'refused', fault: one }
    if (made.delete(one.facts.id)) return { outcome: 'created' }
    const same = there.get(one.facts.id) === JSON.stringify(one)
    return same ? { outcome: 'unchanged' } : { outcome: 'refused', fault: 'Somebody has this id, with other facts.' }
  })
}

const isRead = (one: Read | string): one is Read => typeof one !== 'string'

/** Of lines with one id, the first. */
function firstOf(read: readonly (Read | string)[]): Read[] {
  const once = new Map<string, Read>()
  for (const one of read) if (isRead(one) && !once.has(one.facts.id)) once.set(one.facts.id, one)
  return [...once.values()]
}

const newRows = (ctx: TransactionContext<Tables>, once: readonly Read[]) =>
  once.map(({ facts }) => ({ ...facts, created_at: ctx.now(), updated_at: ctx.now() }))

async function thereBefore(ctx: TransactionContext<Tables>, read: readonly (Read | string)[], made: Set<string>) {
  const ids = read.filter(isRead).map(({ facts }) => facts.id)
  if (ids.length <= made.size) return new Map<string, string>()
  const rows = await patientsBy(ctx.db, ids)
  return new Map(
    rows.flatMap(({ erased_at, said, ...facts }) =>
      erased_at ? [] : [[facts.id, JSON.stringify({ facts, said })] as const],
    ),
  )
}

/** As columns, in their order, and what is beside them; or what is wrong, in words without any of it. */
function readOf({ config, now }: TransactionContext<Tables>, resource: KeptResource): Read | string {
  try {
    return { facts: factsOf(resource, now()), said: saidOf(withoutForeign(resource), undefined, config.PUBLIC_URL) }
  } catch (error) {
    return faultOf(error)
  }
}

/** Merges are this house's own, and numbers are sealed for whom they are said of. */
function withoutForeign({ link = [], ...resource }: KeptResource): KeptResource {
  return {
    ...withoutNumbersWithin(resource as KeptResource),
    link: (link as { type?: string }[]).filter(({ type = '' }) => !OF_MERGES.has(type)),
  } as KeptResource
}

function factsOf(resource: KeptResource, now: Date) {
  const { id } = resource
  if (!UUID.test(id)) throw wrong('/body/id', 'must be a UUID')
  const given: Static<typeof NewPatient> = patientFrom(resource, { language: 'en', zone: 'UTC' })
  checkBirthDate(given.birthDate, now)
  const { name, birthDate: birth_date, gender, language, zone, phone = null, email = null } = given
  const reached = reachOf({ phone, email })
  return {
    ...{ id, name, birth_date, gender, language, zone },
    ...{ phone: reached.phone ?? null, email: reached.email ?? null },
  }
}

const wrong = (pointer: string, detail: string) =>
  new Problem('invalid', 'A patient cannot be registered.', { errors: [{ pointer, detail }] })

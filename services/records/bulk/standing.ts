import { currentOf } from '#fhir/store/current.ts'
import type { Context } from '#platform/context.ts'
import { findErasedPatients } from '../../registry/contract.ts'
import { storeOf } from '../store.ts'
import type { RecordsTables } from '../tables.ts'

export interface Standing {
  /** By whom those stand who became one with another. */
  as: ReadonlyMap<string, string>
  erased: ReadonlySet<string>
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const AT_ONCE = 1_000

/** What became of patients whom something that comes from elsewhere is about: their Patient says whom that is about by now, and is gone where they have been erased. */
export async function standingOf(ctx: Context<RecordsTables>, patients: readonly string[]): Promise<Standing> {
  const all = [...new Set(patients)].filter((id) => UUID.test(id))
  const house = { account: undefined, within: undefined, now: ctx.now(), isHouse: true }
  const wanted = all.map((id) => ({ type: 'Patient', id }))
  const there = await currentOf(storeOf(ctx), wanted, house)
  const by = new Map(all.map((id) => [id, there.get(`Patient/${id}`)?.about[0]]))
  const away = all.filter((id) => by.get(id) === undefined)
  const erased = new Set<string>()
  for (let at = 0; at < away.length; at += AT_ONCE) {
    const { items } = await ctx.call(findErasedPatients, { body: { patients: away.slice(at, at + AT_ONCE) } })
    for (const id of items) erased.add(id)
  }
  return { as: new Map([...by].flatMap(([id, one]) => (one === undefined || one === id ? [] : [[id, one]]))), erased }
}

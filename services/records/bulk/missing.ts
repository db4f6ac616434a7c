import type { Kysely } from 'kysely'
import { currentOf } from '#fhir/store/current.ts'
import type { Context } from '#platform/context.ts'
import { readPatientNames } from '../../registry/contract.ts'
import { types } from '../face.ts'
import type { RecordsTables } from '../tables.ts'

const KEPT: ReadonlySet<string> = new Set(['Patient', ...types])
const LOCAL = /^([A-Z][A-Za-z]+)\/([A-Za-z0-9.-]{1,64})$/
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const AT_ONCE = 1_000

/** Of what is referred to, what is not here: of types that the store keeps, and of patients. */
export async function missingOf(ctx: Context<RecordsTables>, references: Iterable<string>): Promise<string[]> {
  const all = [...references].filter((one) => KEPT.has(LOCAL.exec(one)?.[1] ?? ''))
  const missing: string[] = []
  for (let at = 0; at < all.length; at += AT_ONCE) {
    const some = all.slice(at, at + AT_ONCE)
    const there = new Set([...(await patientsAmong(ctx, some)), ...(await resourcesAmong(ctx, some))])
    missing.push(...some.filter((one) => !there.has(one)))
  }
  return missing
}

async function patientsAmong(ctx: Context<RecordsTables>, some: readonly string[]): Promise<string[]> {
  const patients = some.flatMap((one) => {
    const [type, id = ''] = one.split('/')
    return type === 'Patient' && UUID.test(id) ? [id] : []
  })
  if (patients.length === 0) return []
  const { items } = await ctx.call(readPatientNames, { body: { patients } })
  return items.map(({ id }) => `Patient/${id}`)
}

async function resourcesAmong({ db, now }: Context<RecordsTables>, some: readonly string[]): Promise<string[]> {
  const wanted = some.map((one) => {
    const [type = '', id = ''] = one.split('/')
    return { type, id }
  })
  const seer = { account: undefined, within: undefined, now: now(), isHouse: true }
  const found = await currentOf(db as unknown as Kysely<unknown>, wanted, seer)
  return [...found].flatMap(([name, { body }]) => (body === null ? [] : [name]))
}

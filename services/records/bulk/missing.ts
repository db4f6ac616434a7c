import { projected, types } from '#fhir/face.ts'
import { namesAmong } from '#fhir/store/current.ts'
import type { Context } from '#platform/context.ts'
import { storeOf } from '../store.ts'
import type { RecordsTables } from '../tables.ts'

const KEPT: ReadonlySet<string> = new Set([...types, ...projected])
const LOCAL = /^([A-Z][A-Za-z]+)\/([A-Za-z0-9.-]{1,64})$/
const AT_ONCE = 1_000

/** Of what is referred to, what is not here: of types that the store keeps. */
export async function missingOf(ctx: Context<RecordsTables>, references: Iterable<string>): Promise<string[]> {
  const all = [...references].filter((one) => KEPT.has(LOCAL.exec(one)?.[1] ?? ''))
  const missing: string[] = []
  for (let at = 0; at < all.length; at += AT_ONCE) {
    const some = all.slice(at, at + AT_ONCE)
    const there = new Set(await namesAmong(storeOf(ctx), some))
    missing.push(...some.filter((one) => !there.has(one)))
  }
  return missing
}

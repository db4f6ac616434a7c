import type { Context } from '#platform/context.ts'
import { takeResources } from '../../registry/contract.ts'
import type { RecordsTables } from '../tables.ts'
import type { Read, Taken } from './taken.ts'

/** So many in one call between rooms, of so many bytes: another process takes no longer bodies. */
const AT_ONCE = 100
const MOST_BYTES = 200_000

/** People, organisations and places are registry's: there they are registered, and what becomes of each is told as of any other line. */
export async function takeKeptLines(ctx: Context<RecordsTables>, read: readonly Read[], taken: Taken): Promise<void> {
  for (const some of portions(read, taken)) {
    const { account: by } = ctx.actor
    const body = { ...(by !== undefined && { by }), resources: some.map(({ text }) => text) }
    const { items } = await ctx.call(takeResources, { body })
    for (const [i, { outcome, fault = '' }] of items.entries()) {
      if (outcome === 'created') taken.created++
      else if (outcome === 'unchanged') taken.unchanged++
      else taken.faults.push({ line: some[i]?.line ?? 0, code: 'business-rule', diagnostics: fault })
    }
  }
}

function portions(read: readonly Read[], taken: Taken): { line: number; text: string }[][] {
  const all: { line: number; text: string }[][] = []
  let bytes = Number.POSITIVE_INFINITY
  for (const { line, resource } of read) {
    const text = JSON.stringify(resource)
    const own = Buffer.byteLength(JSON.stringify(text))
    if (own > MOST_BYTES) {
      taken.faults.push({ line, code: 'too-long', diagnostics: 'It says more than is kept here.' })
      continue
    }
    bytes += own
    if (bytes > MOST_BYTES || all.at(-1)?.length === AT_ONCE) {
      all.push([])
      bytes = own
    }
    all.at(-1)?.push({ line, text })
  }
  return all
}

import { findOf, type Kept } from '#fhir/rooms/read.ts'
import { firstWritten } from '#fhir/store/first-written.ts'
import { mayCall } from '#platform/access.ts'
import type { Context } from '#platform/context.ts'
import { storeOf } from '../store.ts'
import type { RecordsTables } from '../tables.ts'
import type { Body } from './fields.ts'
import type { Kind } from './kinds.ts'

export interface Recorded {
  at: string
  by?: string
  way: 'here' | 'import' | 'fhir'
  source?: string
}

/** What /v1 writes says so; a FHIR app that changes it later did not write it down first. */
export const sourceOf = ({ PUBLIC_URL }: Pick<Context['config'], 'PUBLIC_URL'>): string => `${PUBLIC_URL}/v1`

/**
 * Who wrote each of these down, when, and by which way: a Provenance goes before what the resource itself says, and when it came is in its history. In the order
 * of the resources.
 */
export async function recordedOf(
  ctx: Context<RecordsTables>,
  { type, by }: Pick<Kind, 'type' | 'by'>,
  resources: readonly Kept[],
): Promise<Recorded[]> {
  if (resources.length === 0) return []
  const ids = resources.map(({ id }) => id)
  const [began, provenances] = await Promise.all([firstWritten(storeOf(ctx), type, ids), provenancesOf(ctx, type, ids)])
  return resources.map((resource) => {
    const told = provenances.get(`${type}/${resource.id}`)
    const at = began.get(resource.id)?.toISOString() ?? resource.meta.lastUpdated
    const named = (told && agentOf(told)) ?? (by === undefined ? undefined : referenceIn(resource[by]))
    const source = told && originOf(told)
    const here = (resource.meta as Body).source === sourceOf(ctx.config)
    return {
      at,
      ...(named !== undefined && { by: named }),
      way: source === undefined ? (here ? 'here' : 'fhir') : 'import',
      ...(source !== undefined && { source }),
    } satisfies Recorded
  })
}

/** The oldest of each that tells how it came, and not why it was struck out. */
async function provenancesOf(
  ctx: Context<RecordsTables>,
  type: string,
  ids: readonly string[],
): Promise<Map<string, Kept>> {
  if (!mayCall(ctx.actor, { access: 'Provenance.s', patient: '/params/id' })) return new Map()
  const target = ids.map((id) => `${type}/${id}`).join(',')
  const { resources } = await findOf(ctx, 'Provenance', { target, _count: '1000' })
  const told = new Map<string, Kept>()
  for (const one of resources)
    if (!isStruckOut(one))
      for (const { reference } of (one.target ?? []) as { reference?: string }[])
        if (reference !== undefined && !told.has(reference)) told.set(reference, one)
  return told
}

const isStruckOut = ({ activity }: Kept): boolean =>
  ((activity as { coding?: { code?: string }[] } | undefined)?.coding ?? []).some(({ code }) => code === 'NULLIFY')

const referenceIn = (value: unknown): string | undefined => (value as { reference?: string } | undefined)?.reference

const agentOf = ({ agent }: Kept): string | undefined =>
  ((agent ?? []) as { who?: unknown }[]).map(({ who }) => referenceIn(who)).find((one) => one !== undefined)

/** What it was made from, elsewhere. */
const originOf = ({ entity }: Kept): string | undefined =>
  ((entity ?? []) as { role?: string; what?: { display?: string; identifier?: { value?: string } } }[])
    .filter(({ role }) => role === 'source')
    .map(({ what }) => what?.display ?? what?.identifier?.value)
    .find((one) => one !== undefined)

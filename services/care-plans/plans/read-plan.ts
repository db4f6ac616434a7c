import type { Static } from 'typebox'
import { type Kept, readWithin, versionsWithin } from '#fhir/rooms/read.ts'
import type { Context, TransactionContext } from '#platform/context.ts'
import type { Language } from '#platform/language.ts'
import { decodeCursor, encodeCursor } from '#platform/paging.ts'
import { transact } from '#platform/transaction.ts'
import type { listCarePlanVersions, readCarePlanDifference } from '../contract.ts'
import { patientOfPlan } from '../queries.ts'
import type { CarePlansTables } from '../tables.ts'
import { notThere } from '../viewer.ts'
import { difference } from './difference.ts'
import type { Plan } from './plan.ts'
import { goalsNamedIn, planOf, versionIn } from './plan-in-fhir.ts'

type Ctx = Context<CarePlansTables>
type Tx = TransactionContext<CarePlansTables>

const nowhere = () => notThere('treatment plan')

export interface Held {
  plan: Plan
  /** The versions of its goals, by their ids. */
  goals: ReadonlyMap<string, number>
}

/** As the record has it now, with whom it is about by now: a merge moves it. Throws where there is none of this room, or whoever asks may not see it. */
export async function heldWithin(ctx: Tx, id: string): Promise<Held> {
  const [patient, found] = [await patientOfPlan(ctx.db, id), await readWithin(ctx, [{ type: 'CarePlan', id }])]
  const resource = found.get(`CarePlan/${id}`)
  if (patient === undefined || !resource) throw nowhere()
  const goals = new Map(goalNames(resource).map((one) => [one.id, one.version]))
  return { plan: { ...(await whole(ctx, resource)), patient }, goals }
}

const planWithin = async (ctx: Tx, id: string): Promise<Plan> => (await heldWithin(ctx, id)).plan

/** As it was in a version; undefined where there was none, or it was not for whoever asks. */
async function versionWithin(ctx: Tx, id: string, version: number): Promise<Kept | undefined> {
  return (await versionsWithin(ctx, [{ type: 'CarePlan', id, version }])).get(`CarePlan/${id}/_history/${version}`)
}

/** Throws where there was none. */
export async function planAt(ctx: Tx, id: string, version: number): Promise<Plan> {
  const resource = await versionWithin(ctx, id, version)
  if (!resource) throw notThere('version of the treatment plan')
  return whole(ctx, resource)
}

async function whole(ctx: Tx, resource: Kept): Promise<Plan> {
  const named = goalNames(resource)
  return planOf(resource, named.length === 0 ? new Map() : await versionsWithin(ctx, named))
}

const goalNames = (resource: Kept) =>
  goalsNamedIn(resource).map((reference) => {
    const [type = '', id = '', , version] = reference.split('/')
    return { type, id, version: Number(version) }
  })

/** What is different between two versions, in words. */
export const compare = (
  ctx: Ctx,
  id: string,
  { from, to }: { from: number; to: number },
  language: Language,
): Promise<Static<typeof readCarePlanDifference.response>> =>
  transact(ctx, async (ctx) => {
    await planWithin(ctx, id)
    const [was, is] = [await planAt(ctx, id, from), await planAt(ctx, id, to)]
    return { from: versionOf(was), to: versionOf(is), changes: difference(was, is, language) }
  })

const versionOf = ({ version, status, changed }: Plan) => ({ version, status, ...changed })

export const read = (ctx: Ctx, id: string, version?: number): Promise<Plan> =>
  transact(ctx, async (ctx) => {
    const now = await planWithin(ctx, id)
    return version === undefined || version === now.version
      ? now
      : { ...(await planAt(ctx, id, version)), patient: now.patient }
  })

/** Versions have no gaps: this room alone writes them. */
export const versions = (
  ctx: Ctx,
  id: string,
  { limit = 20, cursor }: Static<typeof listCarePlanVersions.query>,
): Promise<Static<typeof listCarePlanVersions.response>> =>
  transact(ctx, async (ctx) => {
    const { version: newest } = await planWithin(ctx, id)
    const [given] = decodeCursor(cursor, ['integer']) ?? []
    const first = Math.min(newest, Number(given ?? newest))
    const wanted = Array.from({ length: Math.min(limit, first) }, (_, n) => ({
      ...{ type: 'CarePlan', id },
      version: first - n,
    }))
    const found = await versionsWithin(ctx, wanted)
    const items = wanted.flatMap(({ version }) => {
      const one = found.get(`CarePlan/${id}/_history/${version}`)
      return one ? [versionIn(one)] : []
    })
    const next = first - limit
    return { items, ...(next > 0 && { next: encodeCursor([next]) }) }
  })

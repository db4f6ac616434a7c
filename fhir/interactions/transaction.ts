import type { Context } from '#platform/context.ts'
import { operationOutcome, Problem, toProblem } from '#platform/errors.ts'
import { transact } from '#platform/transaction.ts'
import type { Plan, PlanEntry } from '../bundle/plan.ts'
import { readTransaction } from '../bundle/read-transaction.ts'
import { batchResponse, type EntryAnswer, transactionResponse } from '../bundle/transaction-response.ts'
import { parseExact } from '../decimal.ts'
import { preferencesIn } from '../prefer.ts'
import type { Resource } from '../resource.ts'
import { compartmentTypes } from '../search-parameters.ts'
import { carryOut, carryOutWithin, isWrite } from '../writing/carry-out.ts'
import type { Done } from '../writing/done.ts'
import { asImporter } from './as-importer.ts'
import type { Asked, Face, Interaction } from './asked.ts'
import { history } from './history.ts'
import { actorFor as permittedFor } from './permitted.ts'
import { nowhere, read } from './read.ts'
import { search } from './search.ts'
import { vread } from './vread.ts'

/** hl7.org/fhir/R4/http.html#transaction: of a transaction everything or nothing, of a batch each for itself. What is only read is read after all that is written. */
export const transaction: Interaction = async (ctx, asked, face) => {
  const plan = readTransaction(asked.body, face)
  const answers = await (plan.type === 'batch' ? eachForItself : allOrNothing)(ctx, plan, { asked, face })
  const inOrder = [...answers].sort(([a], [b]) => a - b).map(([, answer]) => answer)
  const bundle = plan.type === 'batch' ? batchResponse(inOrder) : transactionResponse(inOrder)
  return { status: 200, body: JSON.stringify(bundle) }
}

type Answers = Map<number, EntryAnswer>

interface By {
  asked: Asked
  face: Face
}

/** What the answers to one Bundle may still hold: searches in it are bounded each, and all of them together by this. */
interface Room {
  characters: number
}

const MOST_CHARACTERS = 20_000_000
/** Of a batch: what has not begun by then is refused. */
const MOST_SECONDS = 30

async function allOrNothing(ctx: Context<unknown>, plan: Plan, { asked: given, face }: By): Promise<Answers> {
  const asked = await asImporter(ctx, given)
  const by = { asked, face }
  const permitted = { ...ctx, actor: actorFor(ctx, plan.entries, by) }
  const told = (done: readonly Done[]) => done.map((one) => [one.entry.index, writtenAnswer(one, asked)] as const)
  const answers: Answers = new Map(
    ctx.once
      ? fromKept(await carryOut(permitted, plan, by, (done) => toKeep(told(done))))
      : await carryOut(permitted, plan, by, told),
  )
  const hasWritten = answers.size > 0
  const room: Room = { characters: MOST_CHARACTERS }
  for (const entry of plan.entries)
    if (!isWrite(entry))
      answers.set(entry.index, await readAfter(hasWritten, ctx, () => readAnswer(permitted, entry, by, room)))
  return answers
}

/** For an Idempotency-Key the answers are kept as text: the JSON of the database knows no decimals (../decimal.ts). */
const toKeep = (answers: Iterable<readonly [number, EntryAnswer]>): string => JSON.stringify([...answers])
const fromKept = (text: string) => parseExact(text) as [number, EntryAnswer][]

/** What was written stays so whatever is read afterwards: then a read that fails says so for itself, as in a batch. */
async function readAfter(hasWritten: boolean, ctx: Context<unknown>, read: () => Promise<EntryAnswer>) {
  try {
    return await read()
  } catch (error) {
    const problem = toProblem(error)
    if (!hasWritten || problem.status >= 500) throw error
    return failure(problem, ctx)
  }
}

async function eachForItself(ctx: Context<unknown>, plan: Plan, by: By): Promise<Answers> {
  const until = performance.now() + MOST_SECONDS * 1_000
  const permitted = (entry: PlanEntry) => ({ ...ctx, actor: actorFor(ctx, [entry], by) })
  const alone = (entry: PlanEntry): Plan => ({ ...plan, entries: [entry] })
  const writes = plan.entries.filter(isWrite)
  const written = ctx.once
    ? // One transaction, each entry a part of it: they are kept together with what became of them.
      fromKept(
        await transact(ctx, async (ctx) => {
          const write = async (entry: PlanEntry) =>
            only(await carryOutWithin({ ...ctx, actor: permitted(entry).actor }, alone(entry), by), by)
          return toKeep(await inTurn(ctx, writes, { until, answer: write }))
        }),
      )
    : await inTurn(ctx, writes, {
        until,
        answer: (entry) => carryOut(permitted(entry), alone(entry), by, (done) => only(done, by)),
      })
  const room: Room = { characters: MOST_CHARACTERS }
  const reads = await inTurn(
    ctx,
    plan.entries.filter((entry) => !isWrite(entry)),
    { until, answer: (entry) => readAnswer(permitted(entry), entry, by, room) },
  )
  const refused = plan.refused.map(({ index, problem }) => [index, failure(problem, ctx)] as const)
  return new Map([...refused, ...written, ...reads])
}

function only([done]: readonly Done[], { asked }: By): EntryAnswer {
  if (!done) throw new Error('Nothing came of an entry')
  return writtenAnswer(done, asked)
}

async function inTurn(
  ctx: Pick<Context, 'config' | 'traceId'>,
  entries: readonly PlanEntry[],
  { until, answer }: { until: number; answer(entry: PlanEntry): Promise<EntryAnswer> },
): Promise<Answers> {
  const answers: Answers = new Map()
  for (const entry of entries)
    try {
      if (performance.now() > until)
        throw new Problem('too-costly', 'The entries before took too long for this one to be carried out as well.')
      answers.set(entry.index, await answer(entry))
    } catch (error) {
      const problem = toProblem(error)
      if (problem.status >= 500) throw error
      answers.set(entry.index, failure(problem, ctx))
    }
  return answers
}

const LETTER = {
  create: 'c',
  update: 'u',
  patch: 'u',
  delete: 'd',
  read: 'r',
  vread: 'r',
  history: 'r',
  search: 's',
} as const

/** Who may all of it; bound to one patient where one of them is permitted for that patient alone. */
function actorFor({ actor }: Pick<Context, 'actor'>, entries: readonly PlanEntry[], { asked: { admit }, face }: By) {
  const actors = entries.flatMap(({ type, interaction, index }) => {
    if (type === undefined) return [] // a search or a history of all types, which looks at each of them itself
    if (!face.types.includes(type))
      throw new Problem('not-found', 'There is no such type of resource here.', {
        errors: [{ pointer: `/body/entry/${index}/request/url`, detail: 'names a type that is not kept here' }],
      })
    return [admit(type, LETTER[interaction])]
  })
  return (
    actors.find(({ within }) => within !== undefined) ??
    actors[0] ??
    (entries.length > 0 ? actor : admit(undefined, 's'))
  )
}

function writtenAnswer({ change, before, entry }: Done, asked: Asked): EntryAnswer {
  const { headers } = asked
  const wanted = preferencesIn(headers.prefer).return
  if (!change) {
    const status = entry.interaction === 'delete' ? 204 : 200
    return before ? { status, ...versionOf(before.type, before.id, before.version, before.changed_at) } : { status }
  }
  const { type, id, version, at, resource } = change
  const mayRepeat = change.method !== 'PATCH' || permittedFor(asked, type, 'r') !== undefined
  const status = change.method === 'DELETE' ? 204 : before?.body ? 200 : 201
  return {
    status,
    ...versionOf(type, id, version, at),
    ...(wanted === 'representation' && resource && mayRepeat && { resource }),
  }
}

const versionOf = (type: string, id: string, version: number, at: Date) => ({
  location: `${type}/${id}/_history/${version}`,
  versionId: String(version),
  lastModified: at.toISOString(),
})

/** As the request alone would be answered, after all that was written. */
async function readAnswer(
  ctx: Context<unknown>,
  entry: PlanEntry,
  { asked, face }: By,
  room: Room,
): Promise<EntryAnswer> {
  if (room.characters <= 0)
    throw new Problem('too-costly', 'The answer to this Bundle would be too large. Ask for less at once.')
  const { status, body } = await interactionOf(entry)(ctx, askedFor(entry, asked), face)
  room.characters -= body?.length ?? 0
  if (status === 304 || body === undefined || entry.method === 'HEAD') return { status }
  const resource = parseExact(body) as Resource
  const versionId = resource.meta?.versionId
  return {
    ...{ status, resource },
    ...(resource.id !== undefined && { fullUrl: `${face.base}/${resource.resourceType}/${resource.id}` }),
    ...(versionId !== undefined && { versionId }),
  }
}

function interactionOf({ interaction, compartment }: PlanEntry): Interaction {
  if (compartment && !compartmentTypes.includes(compartment.type)) throw nowhere()
  if (interaction === 'search') return search
  const reads = { read, vread, history } as Partial<Record<PlanEntry['interaction'], Interaction>>
  const one = reads[interaction]
  if (!one) throw nowhere()
  return one
}

function askedFor({ type = '', id, versionId, compartment, query, ifNoneMatch }: PlanEntry, asked: Asked): Asked {
  const known =
    ifNoneMatch === undefined || ifNoneMatch === '*' ? ifNoneMatch : ifNoneMatch.map((one) => `W/"${one}"`).join()
  return {
    ...asked,
    ...{
      type,
      compartment: compartment?.type,
      id: compartment?.id ?? id ?? '',
      version: versionId ?? '',
      query: new URLSearchParams(query),
    },
    headers: { prefer: asked.headers.prefer, 'if-none-match': known },
    body: undefined,
  }
}

function failure(problem: Problem, { config, traceId }: Pick<Context, 'config' | 'traceId'>): EntryAnswer {
  return { status: problem.status, outcome: operationOutcome(problem, config.PUBLIC_URL, traceId, 'Bundle') }
}

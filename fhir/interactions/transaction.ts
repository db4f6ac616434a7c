import type { Context } from '#platform/context.ts'
import { operationOutcome, Problem, toProblem } from '#platform/errors.ts'
import type { Plan, PlanEntry } from '../bundle/plan.ts'
import { readTransaction } from '../bundle/read-transaction.ts'
import { batchResponse, type EntryAnswer, transactionResponse } from '../bundle/transaction-response.ts'
import { parseExact } from '../decimal.ts'
import { preferencesIn } from '../prefer.ts'
import type { Resource } from '../resource.ts'
import { carryOut, type Done } from '../writing/carry-out.ts'
import type { Asked, Face, Interaction } from './asked.ts'
import { history } from './history.ts'
import { actorFor as permittedFor } from './permitted.ts'
import { nowhere, read } from './read.ts'
import { search, searchCompartment } from './search.ts'
import { vread } from './vread.ts'

/** hl7.org/fhir/R4/http.html#transaction: of a transaction everything or nothing, of a batch each for itself. */
export const transaction: Interaction = async (ctx, asked, face) => {
  const plan = readTransaction(asked.body, face)
  const answers =
    plan.type === 'batch'
      ? await eachForItself(ctx, plan, asked, face)
      : await allOrNothing(ctx, plan, asked, face, { characters: MOST_CHARACTERS })
  const inOrder = [...answers].sort(([a], [b]) => a - b).map(([, answer]) => answer)
  const bundle = plan.type === 'batch' ? batchResponse(inOrder) : transactionResponse(inOrder)
  return { status: 200, body: JSON.stringify(bundle) }
}

type Answers = Map<number, EntryAnswer>

/** What the answers to one Bundle may still hold: searches in it are bounded each, and all of them together by this. */
interface Room {
  characters: number
}

const MOST_CHARACTERS = 20_000_000
/** Of a batch: what has not begun by then is refused. */
const MOST_SECONDS = 30

async function allOrNothing(ctx: Context<unknown>, plan: Plan, asked: Asked, face: Face, room: Room): Promise<Answers> {
  const permitted = { ...ctx, actor: actorFor(plan.entries, asked, face) }
  const done = await carryOut(permitted, plan, { face, asked })
  const answers: Answers = new Map(done.map((one) => [one.entry.index, writtenAnswer(one, asked)]))
  for (const entry of plan.entries)
    if (!answers.has(entry.index))
      answers.set(
        entry.index,
        await readAfter(done, ctx, () => roomFor(room, () => readAnswer(permitted, entry, asked, face, room))),
      )
  return answers
}

/** What was written stays so whatever is read afterwards: then a read that fails says so for itself, as in a batch. */
async function readAfter(done: readonly Done[], ctx: Context<unknown>, read: () => Promise<EntryAnswer>) {
  try {
    return await read()
  } catch (error) {
    const problem = toProblem(error)
    if (done.length === 0 || problem.status >= 500) throw error
    return failure(problem, ctx)
  }
}

async function roomFor(room: Room, read: () => Promise<EntryAnswer>): Promise<EntryAnswer> {
  if (room.characters <= 0)
    throw new Problem('too-costly', 'The answer to this Bundle would be too large. Ask for less at once.')
  return read()
}

async function eachForItself(ctx: Context<unknown>, plan: Plan, asked: Asked, face: Face): Promise<Answers> {
  const answers: Answers = new Map(plan.refused.map(({ index, problem }) => [index, failure(problem, ctx)]))
  const room: Room = { characters: MOST_CHARACTERS }
  const until = performance.now() + MOST_SECONDS * 1_000
  for (const entry of plan.entries)
    try {
      if (performance.now() > until)
        throw new Problem('too-costly', 'The entries before took too long for this one to be carried out as well.')
      const [answer] = (await allOrNothing(ctx, { ...plan, entries: [entry] }, asked, face, room)).values()
      if (answer) answers.set(entry.index, answer)
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
function actorFor(entries: readonly PlanEntry[], { admit }: Asked, { types }: Face) {
  const actors = entries.map(({ type, interaction, index }) => {
    if (type === undefined || !types.includes(type))
      throw new Problem('not-found', 'There is no such type of resource here.', {
        errors: [{ pointer: `/body/entry/${index}/request/url`, detail: 'names a type that is not kept here' }],
      })
    return admit(type, LETTER[interaction])
  })
  return actors.find(({ within }) => within !== undefined) ?? actors[0] ?? admit(undefined, 's')
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
  asked: Asked,
  face: Face,
  room: Room,
): Promise<EntryAnswer> {
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
  if (interaction === 'search') return compartment ? searchCompartment : search
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
    ...{ type, id: compartment?.id ?? id ?? '', version: versionId ?? '', query: new URLSearchParams(query) },
    headers: { prefer: asked.headers.prefer, 'if-none-match': known },
    body: undefined,
  }
}

function failure(problem: Problem, { config, traceId }: Pick<Context, 'config' | 'traceId'>): EntryAnswer {
  return { status: problem.status, outcome: operationOutcome(problem, config.PUBLIC_URL, traceId) }
}

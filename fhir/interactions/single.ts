import type { Context } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import type { PlanEntry } from '../bundle/plan.ts'
import { ifMatch, ifNoneMatch } from '../conditional.ts'
import type { Resource } from '../resource.ts'
import { noteSeen } from '../store/note-seen.ts'
import type { Stored } from '../store/read.ts'
import { carryOut } from '../writing/carry-out.ts'
import type { Done } from '../writing/done.ts'
import type { Asked, Face } from './asked.ts'

type Write = Pick<PlanEntry, 'method' | 'interaction'> & Partial<Pick<PlanEntry, 'resource'>>

/**
 * A request that writes one resource: what a transaction of one entry would do (hl7.org/fhir/R4/http.html#create and so on). `told`: the answer, as it is kept where
 * there is an Idempotency-Key.
 */
export async function single<R>(
  ctx: Context<unknown>,
  asked: Asked,
  { write, face }: { write: Write; face: Face },
  told: (done: Done) => R,
): Promise<R> {
  const { type, id, headers, query } = asked
  const text = query.toString()
  const entry: PlanEntry = {
    ...{ index: 0, fullUrl: undefined, versionId: undefined, compartment: undefined, ifModifiedSince: undefined },
    ...{ type, id: id === '' ? undefined : id, query: id === '' && text !== '' ? text : undefined },
    ifMatch: ifMatch(headers['if-match']),
    ifNoneMatch: ifNoneMatch(headers['if-none-match']),
    ifNoneExist: write.interaction === 'create' ? headers['if-none-exist']?.replace(/^[^?=&]{0,64}\?/, '') : undefined,
    resource: asked.body as Resource | undefined,
    ...write,
  }
  try {
    const seen: Stored[] = []
    const plan = { type: 'transaction' as const, entries: [entry], refused: [], size: 1 }
    const answer = await carryOut(ctx, plan, { face, asked }, ([done]) => {
      if (!done) throw new Error('Nothing came of an entry')
      // What was there already is the answer, and so was read.
      if (!done.change && done.before) seen.push(done.before)
      return told(done)
    })
    await noteSeen(ctx, seen)
    return answer
  } catch (error) {
    throw error instanceof Problem ? outside(error) : error
  }
}

/** Whoever sent no Bundle is told of no entry, and of no Binary around a JSON Patch. */
function outside({ code, message, cause, errors, details, reason }: Problem): Problem {
  const moved = errors?.map(({ pointer, detail }) => ({
    pointer: pointer
      .replace(/^\/body\/entry\/0(\/resource)?/, '/body')
      .replace(/^\/body\/data$/, '/body')
      .replace(/^\/body\/request\/(url|ifNoneExist)/, '/query'),
    detail,
  }))
  return new Problem(code, message, {
    cause,
    ...(moved && { errors: moved }),
    ...(details && { details }),
    ...(reason && { reason }),
  })
}

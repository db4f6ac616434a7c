import { signCall } from './auth.ts'
import type { Config } from './config.ts'
import { type IssueType, issueTypes, Problem } from './errors.ts'
import type { OperationSpec } from './operation.ts'
import type { Attributes, Span } from './tracing.ts'
import type { Input } from './validate.ts'

const TIMEOUT_MS = 10_000

interface AwayCall {
  config: Config
  operation: OperationSpec
  input: Input
  errand: { token?: string | undefined; traceId: string; span?: Span | undefined }
  room: string | undefined
  now: Date
}

export const HOUSE = '/house/'

/** Every operation has this one address between rooms; the public one is for people's clients. */
export const houseUrl = (operationId: string) => `${HOUSE}${operationId}`

export const awayAttributes = ({ id }: OperationSpec): Attributes => ({
  'http.request.method': 'POST',
  'url.template': houseUrl(id),
  'openhcs.operation': id,
})

/** Calls a room in another process: with the caller's own token, and a signature that says it is the house that calls. */
export async function callAway({ config, operation, input, errand, room, now }: AwayCall): Promise<unknown> {
  const origin = room && config.remotes.get(room)
  if (!origin) throw new Error(`${operation.id}: its room runs elsewhere, and OPENHCS_REMOTES does not say where`)
  const response = await fetch(`${origin}${houseUrl(operation.id)}`, {
    method: 'POST',
    redirect: 'error',
    signal: AbortSignal.timeout(TIMEOUT_MS),
    headers: {
      'content-type': 'application/json',
      'x-openhcs-call': signCall(config.secretKey.reveal(), operation.id, now),
      'x-request-id': errand.traceId,
      ...(errand.span && { traceparent: errand.span.traceparent }),
      ...(errand.token && { authorization: `Bearer ${errand.token}` }),
    },
    body: JSON.stringify(input),
  }).catch((cause: unknown) => {
    throw new Problem('transient', 'Another part of the service cannot be reached at the moment; try again.', { cause })
  })
  const answer = response.status === 204 ? undefined : await response.json()
  if (response.ok) return answer
  throw problemOf(answer as { code?: string; detail?: string; errors?: [] })
}

function problemOf({ code, detail, errors }: { code?: string; detail?: string; errors?: [] }): Problem {
  const known = code !== undefined && Object.hasOwn(issueTypes, code) ? (code as IssueType) : 'exception'
  return new Problem(known, detail ?? 'Another part of the service failed.', errors && { errors })
}

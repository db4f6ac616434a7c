import { preferencesIn } from '../prefer.ts'
import type { Change } from '../store/change.ts'
import type { Stored } from '../store/read.ts'
import type { Answer, Face } from './asked.ts'
import { versionHeaders } from './shown.ts'

type Headers = Readonly<Record<string, string | undefined>>

/** What was written, as `Prefer: return=` asks: hl7.org/fhir/R4/http.html#ops. The resource itself unless something else is asked for. */
export function preferred(
  { type, id, version, at, resource }: Pick<Change, 'type' | 'id' | 'version' | 'at' | 'resource'>,
  status: number,
  { prefer }: Headers,
  face: Face,
): Answer {
  const headers = placeOf({ type, id, version, changed_at: at }, face)
  return answerWith(status, headers, prefer, () => JSON.stringify(resource))
}

/** What was there already, and stays as it is. */
export function present(stored: Stored | undefined, { prefer }: Headers, face: Face): Answer {
  return answerWith(200, stored ? placeOf(stored, face) : {}, prefer, () => stored?.body ?? JSON.stringify(DONE))
}

/** Which one a condition found, also whoever wants no more than that it is done is told. */
const placeOf = (stored: Pick<Stored, 'type' | 'id' | 'version' | 'changed_at'>, { base }: Face) => ({
  ...versionHeaders(stored),
  location: `${base}/${stored.type}/${stored.id}/_history/${stored.version}`,
})

function answerWith(
  status: number,
  headers: Record<string, string>,
  prefer: string | undefined,
  resource: () => string,
): Answer {
  const wanted = preferencesIn(prefer).return
  if (wanted === 'minimal') return { status, headers }
  return { status, headers, body: wanted === 'OperationOutcome' ? JSON.stringify(DONE) : resource() }
}

const DONE = {
  resourceType: 'OperationOutcome',
  issue: [{ severity: 'information', code: 'informational', diagnostics: 'Done.' }],
}

import type { Change } from '../store/change.ts'
import type { Answer, Face } from './asked.ts'
import { versionHeaders } from './shown.ts'

/** What was written, as `Prefer: return=` asks: hl7.org/fhir/R4/http.html#ops. The resource itself unless something else is asked for. */
export function preferred(
  { type, id, version, at, resource }: Change,
  status: number,
  { prefer = '' }: Readonly<Record<string, string | undefined>>,
  { base }: Face,
): Answer {
  const headers = {
    ...versionHeaders({ version, changed_at: at }),
    ...(status === 201 && { location: `${base}/${type}/${id}/_history/${version}` }),
  }
  const wanted = /(?:^|[,;\s])return=(minimal|representation|OperationOutcome)\b/.exec(prefer)?.[1]
  if (wanted === 'minimal') return { status, headers }
  if (wanted === 'OperationOutcome') return { status, headers, body: JSON.stringify(DONE) }
  return { status, headers, body: JSON.stringify(resource) }
}

const DONE = {
  resourceType: 'OperationOutcome',
  issue: [{ severity: 'information', code: 'informational', diagnostics: 'Done.' }],
}

import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { isKnown } from '#platform/fhir-answer.ts'
import type { Exchange } from '#platform/service.ts'

// Public data sets as files: hl7.org/fhir/uv/bulkdata, and SMART Scheduling Links (github.com/smart-on-fhir/smart-scheduling-links).

/** How often clients are asked to come. What they are shown is as of the last of these steps. */
export const MAX_AGE_SECONDS = 300
export const NDJSON = 'application/fhir+ndjson'

export const asOf = (now: Date): Date =>
  new Date(Math.floor(now.getTime() / 1_000 / MAX_AGE_SECONDS) * MAX_AGE_SECONDS * 1_000)

/** Open to pages of everybody, and kept by whatever is between; 304 to who has it. `mark` stands for the content, and is found out before it is written. */
export function sendPublic(
  { request, reply }: Exchange,
  type: string,
  mark: string,
  content: () => string | AsyncIterable<string>,
): undefined {
  const version = createHash('sha256').update(mark).digest('base64url').slice(0, 22)
  reply
    .header('etag', `W/"${version}"`)
    .header('cache-control', `public, max-age=${MAX_AGE_SECONDS}`)
    .header('access-control-allow-origin', '*')
  if (isKnown(request.headers['if-none-match'], version)) {
    reply.code(304)
    return '' as unknown as undefined
  }
  reply.type(type)
  const whole = content()
  return (typeof whole === 'string' ? whole : Readable.from(whole)) as unknown as undefined // Fastify sends what the handler returns
}

/** One resource on a line, as pages of rows come. No more than a page is in memory: the next is fetched when the reader has taken this one. */
export async function* linesOf<R>(
  pages: AsyncIterable<readonly R[]>,
  toResource: (row: R) => object,
): AsyncGenerator<string> {
  for await (const rows of pages) yield rows.map((row) => `${JSON.stringify(toResource(row))}\n`).join('')
}

/** Page after page by the id of the last row, until one is not full. */
export async function* pagesOf<R extends { id: string }>(
  page: (after: string | undefined, limit: number) => Promise<R[]>,
  limit: number,
): AsyncGenerator<R[]> {
  for (let after: string | undefined; ; ) {
    const rows = await page(after, limit)
    yield rows
    const last = rows.at(-1)
    if (!last || rows.length < limit) return
    after = last.id
  }
}

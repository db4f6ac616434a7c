import type { FastifyInstance } from 'fastify'
import { Problem } from './errors.ts'
import { refuseBrokenText } from './validate.ts'

/**
 * Bodies of these media types are JSON (RFC 8259) in UTF-8, without `__proto__`, NUL or half a surrogate pair; what is not is refused. `read` may make something
 * else of one, from the text and what was parsed.
 */
export function acceptJson(
  app: FastifyInstance,
  mediaTypes: string[],
  read = (_text: string, parsed: unknown): unknown => parsed,
): void {
  const parse = app.getDefaultJsonParser('error', 'error')
  const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  app.addContentTypeParser(mediaTypes, { parseAs: 'buffer' }, (request, body, done) => {
    const raw = decoded(utf8, body as Buffer)
    if (raw === undefined || raw.startsWith('\ufeff'))
      return done(new Problem('invalid', 'The body is not UTF-8 without a byte-order mark (RFC 8259 §8.1).'))
    if (raw === '') return done(empty())
    return parse(request, raw, (error, value) => {
      if (error)
        return done(
          new Problem('invalid', 'The body is not valid JSON.', {
            cause: error,
            errors: [{ pointer: '/body', detail: 'must be JSON (RFC 8259)' }],
          }),
        )
      try {
        refuseBrokenText(raw, value)
        done(null, read(raw, value))
      } catch (problem) {
        done(problem as Problem)
      }
    })
  })
}

/** Many clients say that they send JSON whenever they POST. */
const empty = () =>
  new Problem('invalid', 'The body is empty. Send JSON, or no Content-Type where the operation takes no body.', {
    errors: [{ pointer: '/body', detail: 'is empty' }],
  })

function decoded(decoder: { decode(bytes: Buffer): string }, bytes: Buffer): string | undefined {
  try {
    return decoder.decode(bytes)
  } catch {
    return undefined
  }
}

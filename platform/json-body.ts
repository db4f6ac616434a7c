import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Problem } from './errors.ts'
import { refuseBrokenText } from './validate.ts'

type Parser = (request: FastifyRequest, body: Buffer, done: (error: Error | null, value?: unknown) => void) => void

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Reads a body as JSON, or refuses it with an `invalid` Problem: not UTF-8, no JSON, members that reach a prototype, text that cannot be stored. `read` may make
 * something else of it, from the text and what was parsed.
 */
export function jsonBody(app: FastifyInstance, read = (_text: string, parsed: unknown): unknown => parsed): Parser {
  const parse = app.getDefaultJsonParser('error', 'error')
  return (request, body, done) => {
    const raw = decoded(body)
    if (raw === undefined || raw.startsWith('\ufeff'))
      return done(new Problem('invalid', 'The body is not UTF-8 without a byte-order mark (RFC 8259 §8.1).'))
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
  }
}

function decoded(bytes: Buffer): string | undefined {
  try {
    return utf8.decode(bytes)
  } catch {
    return undefined
  }
}

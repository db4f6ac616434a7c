import { type DestinationStream, destination, type Logger, multistream, pino, stdTimeFunctions } from 'pino'
import type { Config } from './config.ts'
import type { Tracing } from './tracing.ts'

/** Paths that must never show their value, whatever an object is called that carries them. */
const redacted = ['req.headers.authorization', 'req.headers.cookie', 'password', '*.password', 'token', '*.token']

/** JSON on standard output, and to the collector where there is one. */
export function openLog({ LOG_LEVEL: level }: Pick<Config, 'LOG_LEVEL'>, tracing: Tracing | undefined): Logger {
  const options = { level, redact: { paths: redacted, censor: '***' }, timestamp: stdTimeFunctions.isoTime }
  if (!tracing) return pino(options)
  const streams: DestinationStream[] = [destination(1), tracing.logs]
  return pino(options, multistream(streams.map((stream) => ({ stream, level: 'trace' as const }))))
}

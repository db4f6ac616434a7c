import { type Attributes, ROOT_CONTEXT, type SeverityNumber, TraceFlags, trace } from '@opentelemetry/api'
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-proto'
import type { Resource } from '@opentelemetry/resources'
import { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs'

interface Options {
  resource: Resource
  exporter: { url: string; timeoutMillis: number }
  version: string
}

/** A line of the log, as pino writes it after hiding what must be hidden. */
interface Line {
  level: number
  time: string | number
  msg?: string
  trace_id?: string
  span_id?: string
  operation?: string
  status?: number
  ms?: number
  reqId?: string
  err?: { type?: string; code?: string; stack?: string }
}

const WARNING = 40

/** Sends what went wrong, and what a traced request had to say: the rest is on standard output, and would cost what sampling saves. */
export function logsTo({ resource, exporter, version }: Options) {
  const provider = new LoggerProvider({
    resource,
    processors: [new BatchLogRecordProcessor({ exporter: new OTLPLogExporter(exporter) })],
  })
  const logger = provider.getLogger('openhcs', version)
  return {
    write(text: string) {
      if (!text.includes('"trace_id"') && levelOf(text) < WARNING) return
      const line = JSON.parse(text) as Line
      const { level, time, msg = '', trace_id: traceId, span_id: spanId } = line
      const severityNumber = severityOf(level)
      const of = traceId && spanId ? { traceId, spanId, traceFlags: TraceFlags.SAMPLED } : undefined
      logger.emit({
        timestamp: new Date(time),
        severityNumber,
        severityText: names[level] ?? 'INFO',
        body: msg,
        attributes: attributesOf(line),
        ...(of && { context: trace.setSpanContext(ROOT_CONTEXT, of) }),
      })
    },
    close: () => provider.shutdown(),
  }
}

const levelOf = (text: string) => Number(/^\{"level":(\d+)/.exec(text)?.[1] ?? WARNING)

const names: Readonly<Record<number, string>> = {
  10: 'TRACE',
  20: 'DEBUG',
  30: 'INFO',
  40: 'WARN',
  50: 'ERROR',
  60: 'FATAL',
}

/** Pino counts 10, 20, 30…; OpenTelemetry 1, 5, 9…. */
const severityOf = (level: number) => (Math.round(level / 10) * 4 - 3) as SeverityNumber

/** These and no others: a message of the database may repeat what somebody sent, and so may any field that a package adds to an error. */
function attributesOf({ operation, status, ms, reqId, err }: Line): Attributes {
  return {
    ...(operation !== undefined && { 'openhcs.operation': operation }),
    ...(status !== undefined && { 'http.response.status_code': status }),
    ...(ms !== undefined && { 'openhcs.duration_ms': ms }),
    ...(reqId !== undefined && { 'openhcs.request_id': reqId }),
    ...(err && { 'exception.type': err.code ?? err.type ?? 'Error', 'exception.stacktrace': framesOf(err.stack) }),
  }
}

const framesOf = (stack = '') =>
  stack
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .join('\n')

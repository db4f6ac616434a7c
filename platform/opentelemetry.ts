import {
  type Context,
  SpanKind as Kind,
  type Span as OtelSpan,
  ROOT_CONTEXT,
  SpanStatusCode,
  TraceFlags,
  type Tracer,
  trace,
} from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import { resourceFromAttributes } from '@opentelemetry/resources'
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace'
import { ATTR_ERROR_TYPE, ATTR_SERVICE_NAME, ATTR_SERVICE_VERSION } from '@opentelemetry/semantic-conventions'
import { newId } from './ids.ts'
import { logsTo } from './opentelemetry-logs.ts'
import { metricsTo } from './opentelemetry-metrics.ts'
import type { Attributes, Span, SpanKind, Tracing } from './tracing.ts'

// The one door to OpenTelemetry's packages, which tracing.ts opens where a collector is configured. Nothing is patched and nothing is ambient:
// what is traced is handed on in the errand.

interface Options {
  endpoint: string
  service: string
  version: string
  /** Of requests that are traced. */
  share: number
  rooms: readonly string[]
}

/** A collector that is away must hold up neither a request nor the end. */
const EXPORT_MS = 3_000

export function openTelemetryTo({ endpoint, service, version, share, rooms }: Options): Tracing {
  const origin = endpoint.replace(/\/+$/, '')
  const exporter = (signal: string) => ({ url: `${origin}/v1/${signal}`, timeoutMillis: EXPORT_MS })
  const resource = resourceFromAttributes({
    [ATTR_SERVICE_NAME]: service,
    [ATTR_SERVICE_VERSION]: version,
    'service.namespace': 'openhcs',
    'service.instance.id': newId(),
    ...(rooms.length > 0 && { 'openhcs.rooms': rooms.join() }),
  })
  const provider = new TracerProvider({
    resource,
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(share) }),
    spanProcessors: [new BatchSpanProcessor({ exporter: new OTLPTraceExporter(exporter('traces')) })],
  })
  const tracer = provider.getTracer('openhcs', version)
  const logs = logsTo({ resource, exporter: exporter('logs'), version })
  const metrics = metricsTo({ resource, exporter: exporter('metrics'), version })
  return {
    begin: (name, kind, attributes, parent) =>
      spanOf(tracer, parent ? parentOf(parent, share) : ROOT_CONTEXT, name, kind, attributes),
    exportMetrics: metrics.add,
    logs,
    async close() {
      await Promise.allSettled([provider.shutdown(), logs.close(), metrics.close()])
    },
  }
}

const kinds: Record<SpanKind, Kind> = {
  server: Kind.SERVER,
  client: Kind.CLIENT,
  producer: Kind.PRODUCER,
  consumer: Kind.CONSUMER,
  internal: Kind.INTERNAL,
}

function spanOf(tracer: Tracer, parent: Context, name: string, kind: SpanKind, attributes: Attributes): Span {
  const span = tracer.startSpan(name, { kind: kinds[kind], attributes }, parent)
  const { traceId, spanId, traceFlags } = span.spanContext()
  let below: Context | undefined
  return {
    recording: span.isRecording(),
    traceparent: `00-${traceId}-${spanId}-0${traceFlags & TraceFlags.SAMPLED}`,
    ids: { trace_id: traceId, span_id: spanId },
    child(childName, childKind, childAttributes = {}) {
      below ??= trace.setSpan(parent, span)
      return spanOf(tracer, below, childName, childKind, childAttributes)
    },
    end: (error, more) => end(span, error, more),
  }
}

function end(span: OtelSpan, error: string | undefined, more: Attributes | undefined): void {
  if (more) span.setAttributes(more)
  if (error !== undefined) span.setStatus({ code: SpanStatusCode.ERROR }).setAttribute(ATTR_ERROR_TYPE, error)
  span.end()
}

const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]([0-9a-f])$/

/** What a stranger sends joins our trace to theirs, but whether it is kept is drawn here: otherwise anybody could have everything kept. */
function parentOf({ traceparent, trusted }: { traceparent: unknown; trusted: boolean }, share: number): Context {
  const [, traceId, spanId, flags] = TRACEPARENT.exec(String(traceparent)) ?? []
  if (!traceId || !spanId) return ROOT_CONTEXT
  const sampled = trusted ? Number.parseInt(flags as string, 16) & TraceFlags.SAMPLED : Number(Math.random() < share)
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags: sampled, isRemote: true })
}

import type { Registry } from 'prom-client'

export type SpanKind = 'server' | 'client' | 'producer' | 'consumer' | 'internal'
/** By OpenTelemetry's semantic conventions. Codes and templates: never a value that somebody sent. */
export type Attributes = Readonly<Record<string, string | number>>

/** A piece of work that is being traced; what is begun from it is its child. It is handed on in the errand, never found in ambient storage. */
export interface Span {
  /** Whether it was chosen to be kept. The others only pass on that they were not. */
  readonly recording: boolean
  /** W3C trace context, to be sent along. */
  readonly traceparent: string
  /** As log lines carry them. */
  readonly ids: { trace_id: string; span_id: string }
  child(name: string, kind: SpanKind, attributes?: Attributes): Span
  /** `error`: a code, where it failed. */
  end(error?: string, attributes?: Attributes): void
}

/** What is sent to an OpenTelemetry collector. */
export interface Tracing {
  /**
   * Begins a trace, or goes on with that of `traceparent`. Who may not be trusted with it (anybody on the internet) does not decide what is kept.
   */
  begin(name: string, kind: SpanKind, attributes: Attributes, parent?: { traceparent: unknown; trusted: boolean }): Span
  /** Sends these metrics along, from now on; `routeOf` gives an operation's method and template. */
  exportMetrics(registry: Registry, routeOf: (operation: string) => { method: string; url: string } | undefined): void
  /** Takes the lines of the log. */
  readonly logs: { write(line: string): void }
  /** Sends what is left. */
  close(): Promise<void>
}

/** Runs work under a span of its own, which ends with it. */
export async function inSpan<R>(span: Span | undefined, work: (span: Span | undefined) => Promise<R>): Promise<R> {
  if (!span) return work(undefined)
  try {
    const result = await work(span)
    span.end()
    return result
  } catch (error) {
    span.end(codeOf(error))
    throw error
  }
}

/** A problem's code, a SQL state, or the class of the error: never its message, which may repeat what somebody sent. */
export const codeOf = (error: unknown): string =>
  String((error as { code?: unknown }).code ?? (error as Error).name ?? 'error')

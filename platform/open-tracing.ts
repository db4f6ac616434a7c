import type { Config } from './config.ts'
import type { Tracing } from './tracing.ts'

/** Undefined, and nothing loaded, where no collector is configured. */
export async function openTracing(config: Config, version: string): Promise<Tracing | undefined> {
  if (config.OTEL_EXPORTER_OTLP_ENDPOINT === '') return undefined
  const { openTelemetryTo } = await import('./opentelemetry.ts')
  return openTelemetryTo({
    endpoint: config.OTEL_EXPORTER_OTLP_ENDPOINT,
    service: config.OTEL_SERVICE_NAME,
    share: config.OTEL_TRACES_SAMPLER_ARG,
    rooms: config.services,
    version,
  })
}

import { type Attributes, type HrTime, ValueType } from '@opentelemetry/api'
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto'
import { emptyResource, type Resource } from '@opentelemetry/resources'
import {
  AggregationTemporality,
  type CollectionResult,
  type DataPoint,
  DataPointType,
  type Histogram,
  MeterProvider,
  type MetricData,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import type { MetricObjectWithValues, MetricValue, Registry } from 'prom-client'

interface Options {
  resource: Resource
  exporter: { url: string; timeoutMillis: number }
  version: string
}

type RouteOf = (operation: string) => { method: string; url: string } | undefined
type Labels = Readonly<Record<string, string | number>>
type Prom = MetricObjectWithValues<MetricValue<string> & { metricName?: string }>

/** What is counted for Prometheus is counted once, and sent from there: a second set of counters would cost each request twice. */
export function metricsTo({ resource, exporter, version }: Options) {
  const began = hrTime(new Date())
  const sources: (() => Promise<MetricData[]>)[] = []
  const collect = async (): Promise<CollectionResult> => {
    const metrics = (await Promise.all(sources.map((source) => source()))).flat()
    const scopeMetrics = [{ scope: { name: 'openhcs', version }, metrics }]
    return { resourceMetrics: { resource: emptyResource(), scopeMetrics }, errors: [] }
  }
  const reader = new PeriodicExportingMetricReader({
    exporter: new OTLPMetricExporter(exporter),
    metricProducers: [{ collect }],
  })
  const provider = new MeterProvider({ resource, readers: [reader] })
  return {
    add(registry: Registry, routeOf: RouteOf) {
      sources.push(async () => {
        const all = (await registry.getMetricsAsJSON()) as unknown as Prom[]
        const times = { startTime: began, endTime: hrTime(new Date()) }
        return all.filter(({ values }) => values.length > 0).map((metric) => dataOf(metric, times, routeOf))
      })
    },
    close: () => provider.shutdown(),
  }
}

type Times = Pick<DataPoint<number>, 'startTime' | 'endTime'>

/** Names and labels by the semantic conventions, where those have one. */
const conventional: Readonly<
  Record<string, { name: string; unit: string; attributes(labels: Labels, routeOf: RouteOf): Attributes }>
> = {
  openhcs_http_request_seconds: {
    name: 'http.server.request.duration',
    unit: 's',
    attributes: ({ operation = '', status = 0, room = '' }, routeOf) => ({
      'http.request.method': routeOf(String(operation))?.method ?? '_OTHER',
      'http.route': routeOf(String(operation))?.url ?? '',
      'http.response.status_code': Number(status),
      'openhcs.operation': operation,
      'openhcs.room': room,
    }),
  },
  openhcs_database_connections_in_use: {
    name: 'db.client.connection.count',
    unit: '{connection}',
    attributes: ({ room = '' }) => ({ 'db.client.connection.pool.name': room, 'db.client.connection.state': 'used' }),
  },
  openhcs_database_requests_waiting: {
    name: 'db.client.connection.pending_requests',
    unit: '{request}',
    attributes: ({ room = '' }) => ({ 'db.client.connection.pool.name': room }),
  },
}

function dataOf(metric: Prom, times: Times, routeOf: RouteOf): MetricData {
  const known = conventional[metric.name]
  const attributesOf = (labels: Labels): Attributes => known?.attributes(labels, routeOf) ?? { ...labels }
  const common = {
    descriptor: {
      name: known?.name ?? metric.name,
      description: metric.help,
      unit: known?.unit ?? '',
      valueType: ValueType.DOUBLE,
    },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
  }
  if (String(metric.type) === 'histogram')
    return { ...common, dataPointType: DataPointType.HISTOGRAM, dataPoints: histograms(metric, times, attributesOf) }
  const dataPoints = metric.values.map(({ labels, value }) => ({
    ...times,
    attributes: attributesOf(labels as Labels),
    value,
  }))
  return String(metric.type) === 'counter'
    ? { ...common, dataPointType: DataPointType.SUM, isMonotonic: true, dataPoints }
    : { ...common, dataPointType: DataPointType.GAUGE, dataPoints }
}

/** Prometheus's buckets hold all that is smaller too; OpenTelemetry's do not. */
function histograms(
  { name, values }: Prom,
  times: Times,
  attributesOf: (labels: Labels) => Attributes,
): DataPoint<Histogram>[] {
  const series = new Map<string, { labels: Labels; upTo: [bound: number, count: number][]; sum: number }>()
  for (const { metricName, labels, value } of values) {
    const { le, ...own } = labels as Labels
    const key = JSON.stringify(own)
    const one = series.get(key) ?? { labels: own, upTo: [], sum: 0 }
    series.set(key, one)
    if (metricName === `${name}_bucket`) one.upTo.push([le === '+Inf' ? Number.POSITIVE_INFINITY : Number(le), value])
    if (metricName === `${name}_sum`) one.sum = value
  }
  return [...series.values()].map(({ labels, upTo, sum }) => ({
    ...times,
    attributes: attributesOf(labels),
    value: {
      buckets: {
        boundaries: upTo.map(([bound]) => bound).filter(Number.isFinite),
        counts: upTo.map(([, count], i) => count - (upTo[i - 1]?.[1] ?? 0)),
      },
      sum,
      count: upTo.at(-1)?.[1] ?? 0,
    },
  }))
}

const hrTime = (at: Date): HrTime => [Math.floor(at.getTime() / 1_000), (at.getTime() % 1_000) * 1_000_000]

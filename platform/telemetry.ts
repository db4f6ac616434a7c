import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { House } from './house.ts'

/** Paths in logs that must never show their value, whatever an object is called that carries them. */
export const redacted = [
  'req.headers.authorization',
  'req.headers.cookie',
  'password',
  '*.password',
  'token',
  '*.token',
]

export interface Telemetry {
  readonly registry: Registry
  observe(operation: string, status: number, seconds: number): void
  refuse(code: string): void
}

/** The metrics of one process, in Prometheus's format. Labels are operation ids and codes: never a path, a name or an id. */
export function openTelemetry(house: House): Telemetry {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry, prefix: 'openhcs_' })
  const seconds = new Histogram({
    name: 'openhcs_http_request_seconds',
    help: 'Time to answer, by operation and status',
    labelNames: ['operation', 'status'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [registry],
  })
  const problems = new Counter({
    name: 'openhcs_problems_total',
    help: 'Problems answered, by code',
    labelNames: ['code'],
    registers: [registry],
  })
  perRoom(
    registry,
    house,
    'openhcs_database_statements',
    'Statements sent since start',
    (database) => database.statistics.statements,
  )
  perRoom(registry, house, 'openhcs_database_connections_in_use', 'Connections inside a transaction', (database) =>
    database.inUse(),
  )
  perRoom(registry, house, 'openhcs_database_requests_waiting', 'Requests waiting for a connection', (database) =>
    database.waiting(),
  )
  return {
    registry,
    observe: (operation, status, value) => seconds.observe({ operation, status }, value),
    refuse: (code) => problems.inc({ code }),
  }
}

type Database = House['databases'] extends ReadonlyMap<string, infer D> ? D : never

function perRoom(
  registry: Registry,
  house: House,
  name: string,
  help: string,
  read: (database: Database) => number,
): void {
  new Gauge({
    name,
    help,
    labelNames: ['room'],
    registers: [registry],
    collect() {
      for (const [room, database] of house.databases) this.set({ room }, read(database))
    },
  })
}

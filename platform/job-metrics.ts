import { type Kysely, sql } from 'kysely'
import type { Metrics } from './metrics.ts'

interface JobState {
  task: string
  due: number
  oldest_due_at: Date | null
  failed: number
}

const labels = ['room', 'task']

const names = {
  openhcs_jobs_due: { help: 'Jobs and deliveries that are due and wait; 10,000 stands for that or more', labels },
  openhcs_jobs_oldest_due_seconds: { help: 'For how long the oldest of them has been due', labels },
  openhcs_jobs_failed: { help: 'Jobs and deliveries that were given up, and wait for somebody to look', labels },
} as const

/** The job engine: migrations/0004_job_state.sql. Events are its jobs too, so the age of the oldest that is due is that of the outbox. */
export const jobMetrics = metricsOf('platform', (rows) => rows)

/** The same where it has a database of its own, read there. */
export const jobsApartMetrics = metricsOf('jobs', (rows) => rows)

/** Then whatever lies in the house's database waits for the relay: one figure, which tells that from jobs that are slow. */
export const relayMetrics = metricsOf('platform', (rows) => {
  const oldest = rows.flatMap(({ oldest_due_at: at }) => at ?? [])
  return [
    {
      task: 'jobs:relay',
      due: rows.reduce((sum, { due }) => sum + due, 0),
      oldest_due_at: oldest.length > 0 ? new Date(Math.min(...oldest.map(Number))) : null,
      failed: rows.reduce((sum, { failed }) => sum + failed, 0),
    },
  ]
})

function metricsOf(schema: 'platform' | 'jobs', summed: (rows: JobState[]) => JobState[]): Metrics {
  return { names, read }

  async function read(db: Kysely<unknown>) {
    const state = sql<
      JobState & { at: Date }
    >`select now() as at, s.* from (select) one left join ${sql.ref(schema)}.job_state() s on true`
    const { rows } = await state.execute(db)
    const now = rows[0]?.at.getTime() ?? 0
    const samples = summed(rows.filter(({ task }) => task !== null)).map(
      ({ task: identifier, due, failed, oldest_due_at: oldest }) => {
        const [room = '', task = ''] = identifier.split(':')
        return { labels: { room, task }, due, failed, age: oldest ? (now - oldest.getTime()) / 1_000 : 0 }
      },
    )
    return {
      openhcs_jobs_due: samples.map(({ labels, due: value }) => ({ labels, value })),
      openhcs_jobs_oldest_due_seconds: samples.map(({ labels, age: value }) => ({ labels, value })),
      openhcs_jobs_failed: samples.map(({ labels, failed: value }) => ({ labels, value })),
    }
  }
}

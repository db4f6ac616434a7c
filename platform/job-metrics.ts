import { sql } from 'kysely'
import type { Metrics } from './metrics.ts'

interface JobState {
  task: string
  due: number
  oldest_due_at: Date | null
  failed: number
}

const labels = ['room', 'task']

/** The job engine: migrations/0004_job_state.sql. Events are its jobs too, so the age of the oldest that is due is that of the outbox. */
export const jobMetrics: Metrics = {
  names: {
    openhcs_jobs_due: { help: 'Jobs and deliveries that are due and wait; 10,000 stands for that or more', labels },
    openhcs_jobs_oldest_due_seconds: { help: 'For how long the oldest of them has been due', labels },
    openhcs_jobs_failed: { help: 'Jobs and deliveries that were given up, and wait for somebody to look', labels },
  },
  async read(db) {
    const { rows } = await sql<JobState & { at: Date }>`select *, now() as at from platform.job_state()`.execute(db)
    const samples = rows.map(({ task: identifier, due, failed, oldest_due_at: oldest, at }) => {
      const [room = '', task = ''] = identifier.split(':')
      return { labels: { room, task }, due, failed, age: oldest ? (at.getTime() - oldest.getTime()) / 1_000 : 0 }
    })
    return {
      openhcs_jobs_due: samples.map(({ labels, due: value }) => ({ labels, value })),
      openhcs_jobs_oldest_due_seconds: samples.map(({ labels, age: value }) => ({ labels, value })),
      openhcs_jobs_failed: samples.map(({ labels, failed: value }) => ({ labels, value })),
    }
  },
}

import pg from 'pg'
import { system } from '#platform/auth.ts'
import type { TransactionContext } from '#platform/context.ts'
import { newId } from '#platform/ids.ts'
import { migrateJobsDatabase } from '#platform/migrate.ts'
import { emptyDatabase, openTestHouse, type TestDatabase, type TestHouse } from '#platform/testing.ts'
import { transact } from '#platform/transaction.ts'
import { neighbour, notes } from './ground/rooms.ts'

/** A database for the job engine alone. */
export interface JobsDatabase extends TestDatabase, AsyncDisposable {
  /** As its owner. */
  readonly owner: pg.Client
  readonly env: { JOBS_DATABASE_URL: string; JOBS_DATABASE_OWNER_URL: string }
  /** What waits in it. */
  jobs(): Promise<Waiting[]>
}

export interface Waiting {
  task: string
  key: string | null
  payload: Record<string, unknown>
  attempts: number
}

export async function openJobsDatabase(): Promise<JobsDatabase> {
  const database = await emptyDatabase()
  await migrateJobsDatabase(database)
  const owner = new pg.Client({ connectionString: database.ownerUrl })
  await owner.connect()
  return {
    ...database,
    owner,
    env: { JOBS_DATABASE_URL: database.appUrl, JOBS_DATABASE_OWNER_URL: database.ownerUrl },
    jobs: () => waitingIn(owner),
    async [Symbol.asyncDispose]() {
      await owner.end()
      await database.drop()
    },
  }
}

/** In the engine of this database, in the order in which they came. */
export async function waitingIn(owner: pg.Client): Promise<Waiting[]> {
  const { rows } = await owner.query<Waiting>(
    `select t.identifier as task, j.key, j.payload, j.attempts from graphile_worker._private_jobs j
     join graphile_worker._private_tasks t on t.id = j.task_id order by j.id`,
  )
  return rows
}

/** A house whose job engine is there. */
export const openHouseApart = (jobs: JobsDatabase, env: Record<string, string> = {}): Promise<TestHouse> =>
  openTestHouse([notes, neighbour], { env: { ...jobs.env, ...env } })

/** A transaction of the room `notes`. */
export const inNotes = <R>({ house }: TestHouse, work: (ctx: TransactionContext) => Promise<R>): Promise<R> =>
  transact(house.context('notes', { actor: system, traceId: newId(), doing: 'test' }), work)

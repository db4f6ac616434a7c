import type { EmbeddedPostgres } from '#platform/embedded-postgres.ts'
import { startThrowAwayPostgres } from '#platform/throw-away-postgres.ts'

// Runs once, before and after all test files. What it puts into the environment reaches them, since they are its children.

let server: EmbeddedPostgres | undefined

export async function globalSetup() {
  if (process.env.TEST_DATABASE_URL && process.env.TEST_DATABASE_OWNER_URL) return
  server = await startThrowAwayPostgres({ maxConnections: 400 })
  process.env.TEST_DATABASE_URL = server.appUrl
  process.env.TEST_DATABASE_OWNER_URL = server.ownerUrl
}

export async function globalTeardown() {
  await server?.stop()
}

import { returnJobs } from '#platform/return-jobs.ts'
import { openInstallation } from './installation.ts'

/** Before JOBS_DATABASE_URL is taken away. The other way needs no command: workers move what is there. */
export async function jobsCommand([what]: string[]): Promise<void> {
  if (what !== 'return') throw new Error('Usage: openhcs jobs return')
  await using installation = await openInstallation()
  const { databaseUrl, databaseOwnerUrl, jobsDatabaseUrl, jobsDatabaseOwnerUrl } = installation.config
  if (!jobsDatabaseUrl || !jobsDatabaseOwnerUrl) throw new Error('Set JOBS_DATABASE_URL to where the jobs are.')
  const count = await returnJobs(
    { main: databaseUrl.reveal(), jobs: jobsDatabaseUrl.reveal() },
    { main: databaseOwnerUrl.reveal(), jobs: jobsDatabaseOwnerUrl.reveal() },
  )
  process.stdout.write(
    `${count} jobs are back in the house’s database. Start it without JOBS_DATABASE_URL; the other database is empty.\n`,
  )
}

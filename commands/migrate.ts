import { migrateInstallation, openInstallation } from './installation.ts'

export async function migrateCommand(): Promise<void> {
  await using installation = await openInstallation()
  const ran = await migrateInstallation(installation)
  process.stdout.write(ran.length > 0 ? `${ran.join('\n')}\n` : 'The schema is up to date.\n')
}

import { loadDemo, purgeDemo } from '#demo/load.ts'
import { migrateInstallation, openInstallation } from './installation.ts'

/** Loads or removes the fictional country. Loading refuses to mix with real data. */
export async function demo([what]: string[]): Promise<void> {
  if (what !== 'load' && what !== 'purge') throw new Error('Usage: openhcs demo load | purge')
  await using installation = await openInstallation()
  await migrateInstallation(installation)
  process.stdout.write(
    `${what === 'load' ? await loadDemo(installation.config) : await purgeDemo(installation.config)}\n`,
  )
}

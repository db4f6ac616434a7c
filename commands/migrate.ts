import { migrateInstallation, openInstallation } from './installation.ts'

/** Before a release that still serves: `migrate`. Once it is gone: `migrate contract`. */
export async function migrateCommand([stage]: string[]): Promise<void> {
  if (stage !== undefined && stage !== 'expand' && stage !== 'contract')
    throw new Error('Usage: openhcs migrate [expand | contract]')
  await using installation = await openInstallation()
  const ran = await migrateInstallation(installation, stage)
  process.stdout.write(ran.length > 0 ? `${ran.join('\n')}\n` : 'The schema is up to date.\n')
}

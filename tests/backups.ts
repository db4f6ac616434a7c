import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable, Writable } from 'node:stream'
import { text as textOf } from 'node:stream/consumers'
import pg from 'pg'
import { type BackupReport, writeBackup } from '#platform/backup.ts'
import { type RestoreOptions, type RestoreReport, restoreBackup } from '#platform/restore.ts'
import { copyTemplate, emptyDatabase, type TestDatabase } from '#platform/testing.ts'
import { everything } from '#services.ts'

const main = new URL('../main.ts', import.meta.url).pathname

/** Of test houses. */
export const SECRET = '0'.repeat(64)

export interface Site extends AsyncDisposable {
  urls: TestDatabase
  home: string
  /** Settings of its commands, beside the usual ones. */
  env: Record<string, string>
  /** As the owner. */
  query(text: string, values?: unknown[]): Promise<pg.QueryResult>
}

/** An empty database and an empty folder: a new machine. */
export async function newSite(urls?: TestDatabase): Promise<Site> {
  const database = urls ?? (await emptyDatabase())
  const home = await mkdtemp(join(tmpdir(), 'openhcs-site-'))
  return {
    urls: database,
    home,
    env: {},
    query: (text, values) => ask(database.ownerUrl, text, values),
    async [Symbol.asyncDispose]() {
      await database.drop()
      await rm(home, { recursive: true, force: true })
    },
  }
}

/** One with the house's schema. */
export const migratedSite = async (): Promise<Site> => newSite(await copyTemplate(everything))

/** A command of the installation, in a process of its own. */
export function startCommand(site: Site, ...args: string[]) {
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    OPENHCS_HOME: site.home,
    OPENHCS_SECRET_KEY: SECRET,
    DATABASE_URL: site.urls.appUrl,
    DATABASE_OWNER_URL: site.urls.ownerUrl,
    ...site.env,
  }
  return spawn(process.execPath, [main, ...args], { env, stdio: ['pipe', 'pipe', 'pipe'] })
}

export async function runCommand(
  site: Site,
  ...args: string[]
): Promise<{ code: number | null; out: string; err: string }> {
  const child = startCommand(site, ...args)
  child.stdin.end()
  const [out, err] = await Promise.all([textOf(child.stdout), textOf(child.stderr), once(child, 'close')])
  return { code: child.exitCode, out, err }
}

/** On a connection of its own, which is gone afterwards. */
export async function ask(url: string, text: string, values?: unknown[]): Promise<pg.QueryResult> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return await client.query(text, values)
  } finally {
    await client.end()
  }
}

/** In memory. `before` is awaited when the first bytes are written: the snapshot has been taken by then. */
export async function backUp(
  ownerUrl: string,
  home: string,
  { key, before, jobsOwnerUrl }: { key?: Buffer; before?: () => Promise<unknown>; jobsOwnerUrl?: string } = {},
): Promise<{ bytes: Buffer; report: BackupReport }> {
  const chunks: Buffer[] = []
  const target = new Writable({
    highWaterMark: 1,
    write(chunk, _encoding, done) {
      const first = chunks.push(chunk) === 1
      if (first && before) before().then(() => done(), done)
      else done()
    },
  })
  const filesFolder = join(home, 'files')
  const report = await writeBackup({
    ownerUrl,
    jobsOwnerUrl,
    secretKey: SECRET,
    filesFolder,
    version: '9.9.9',
    target,
    key,
  })
  return { bytes: Buffer.concat(chunks), report }
}

export const restoreInto = (
  { urls, home }: Site,
  services: RestoreOptions['services'],
  bytes: Buffer,
  options: Partial<RestoreOptions> = {},
): Promise<RestoreReport> =>
  restoreBackup({
    ownerUrl: urls.ownerUrl,
    appUrl: urls.appUrl,
    services,
    secretKey: SECRET,
    filesFolder: join(home, 'files'),
    source: Readable.from(slices(bytes)),
    ...options,
  })

/** As a file would give them. */
function* slices(bytes: Buffer): Generator<Buffer> {
  for (let from = 0; from < bytes.length; from += 65_536) yield bytes.subarray(from, from + 65_536)
}

/** What is there beside the server's own, by schema and name. */
export const relationsIn = async (site: Site): Promise<string[]> =>
  (
    await site.query(`select n.nspname || '.' || c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname !~ '^pg_' and n.nspname <> 'information_schema' order by 1`)
  ).rows.map(({ name }) => name)

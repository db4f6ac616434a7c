/**
 * The database that needs no installing: starts, adopts and stops the PostgreSQL that npm brings along.
 *
 * There is no lock of our own. A new cluster is made complete in a draft folder and renamed into place, so of several
 * starters one wins; which of several servers may run is decided by PostgreSQL's own lock file, and the losers adopt
 * the winner. A server whose starter was killed is adopted in the same way.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { initialise } from './embedded-postgres/cluster.ts'
import { findPlace, type Place, urlFor } from './embedded-postgres/place.ts'
import { findRunning, removeStaleLocks } from './embedded-postgres/running.ts'
import {
  becomesReady,
  logTail,
  prepareSocketFolder,
  type ServerSettings,
  spawnServer,
  stopServer,
} from './embedded-postgres/server.ts'

export interface EmbeddedPostgresOptions {
  /** Folder for everything that this machine keeps for OpenHCS, e.g. `.openhcs`. */
  home: string
  /** Folder below `home`; one server each. Default `postgres`. */
  name?: string
  /** `false` trades safety in a power cut for speed: for tests. A server that is adopted keeps its own settings. */
  durable?: boolean
  /** Default 100. */
  maxConnections?: number
}

export interface EmbeddedPostgres extends AsyncDisposable {
  /** Superuser: makes databases and roles, migrates. */
  ownerUrl: string
  /** A login without any rights of its own. */
  appUrl: string
  dataDirectory: string
  /** Stops the server if this process started it; an adopted one is left to its other users. */
  stop(): Promise<void>
}

export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { home, name = 'postgres', durable = true, maxConnections = 100 } = options
  const place = findPlace(home, name)
  await initialise(place, durable)
  const { child, socketFolder } = await startOrAdopt(place, { durable, maxConnections })
  const stop = async () => {
    if (child) await stopServer(child, place, socketFolder)
  }
  return {
    ownerUrl: urlFor(place, 'owner', 'openhcs', socketFolder),
    appUrl: urlFor(place, 'app', 'openhcs', socketFolder),
    dataDirectory: place.data,
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

async function startOrAdopt(place: Place, settings: ServerSettings) {
  // Several attempts: the server may be another starter's, or its dead predecessor's processes may still be leaving.
  for (let attempt = 1; ; attempt++) {
    const adopted = await findRunning(place)
    if (adopted) return { child: undefined, socketFolder: adopted }
    const socketFolder = prepareSocketFolder(place)
    removeStaleLocks(place, socketFolder)
    const child = spawnServer(place, socketFolder, settings)
    if (await becomesReady(child, place)) return { child, socketFolder }
    if (attempt === 10) throw new Error(`PostgreSQL does not start:\n${logTail(place)}`)
    await sleep(50 * attempt)
  }
}

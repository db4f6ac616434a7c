/** Makes a new cluster with its login and database, complete or not at all. */
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import * as fs from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { draftOf, isAlive, moveIntoPlace } from './drafts.ts'
import { childOptions, giveTo, type Place } from './place.ts'

export async function initialise(place: Place, durable: boolean) {
  if (fs.existsSync(place.data)) return
  removeAbandonedDrafts(place.folder)
  const draft = draftOf(place.folder)
  fs.mkdirSync(draft, { mode: 0o700 })
  try {
    const passwords = { owner: randomBytes(24).toString('base64url'), app: randomBytes(24).toString('base64url') }
    for (const [login, password] of Object.entries(passwords))
      fs.writeFileSync(join(draft, `${login}.password`), password, { mode: 0o600 })
    for (const name of ['', ...fs.readdirSync(draft)]) giveTo(place.account, join(draft, name))
    await createCluster(place, draft, durable)
    await createLoginAndDatabase(place, draft, passwords.app)
  } catch (error) {
    fs.rmSync(draft, { recursive: true, force: true })
    throw error
  }
  moveIntoPlace(draft, place.folder)
}

async function createCluster(place: Place, draft: string, durable: boolean) {
  const settings = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8']
  const access = ['--username=openhcs_owner', `--pwfile=${join(draft, 'owner.password')}`, '--auth=scram-sha-256']
  const sync = durable ? [] : ['--no-sync']
  await run(place, 'initdb', ['--pgdata', join(draft, 'data'), '--data-checksums', ...settings, ...access, ...sync])
}

/** In single-user mode, so that nobody ever sees a server without them. Each line is one statement. */
async function createLoginAndDatabase(place: Place, draft: string, password: string) {
  // NOINHERIT: the login's rights are those of the one room role that a connection takes, not of all of them together.
  const sql = `create role openhcs_app login noinherit password '${password}'\ncreate database openhcs owner openhcs_owner\n`
  await run(place, 'postgres', ['--single', '-D', join(draft, 'data'), 'postgres'], sql)
}

async function run(place: Place, program: string, args: string[], input = '') {
  const finished = promisify(execFile)(join(place.native, 'bin', program), args, childOptions(place))
  finished.child.stdin?.on('error', () => {}) // a program that ended early says why by itself
  finished.child.stdin?.end(input)
  const { stderr } = await finished
  // Single-user mode reports a failed statement and ends with 0 all the same.
  if (/^.*\b(ERROR|FATAL): {2}/m.test(stderr)) throw new Error(`${program} failed: ${stderr}`)
}

function removeAbandonedDrafts(folder: string) {
  for (const name of fs.readdirSync(dirname(folder))) {
    const [, pid] = name.startsWith(`${basename(folder)}.new-`) ? (/\.new-(\d+)-/.exec(name) ?? []) : []
    if (pid && !isAlive(Number(pid))) fs.rmSync(join(dirname(folder), name), { recursive: true, force: true })
  }
}

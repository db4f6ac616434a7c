import { createReadStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import type pg from 'pg'
import { type AuditHead, damaged } from '../backup/format.ts'
import { keepFile } from '../backup/keep.ts'
import { type Detached, noteDetached } from './detached.ts'
import { type AuditFile, readAuditFile, writeAuditFile } from './file.ts'
import type { Found } from './seal.ts'
import { type AuditVerdict, type FoundInFile, verifyAudit } from './verify.ts'

// Hands out a partition of the audit: a file that is there, whole, and has every sealed row; then, in one transaction, a note of it, and the rows go.

export interface DetachOptions {
  /** As the owner: backup/tables.ts. */
  client: pg.Client
  /** Where files go. */
  folder: string
  /** Only what is all older. */
  before: Date
  /** Of the installation: the proof is made under it. */
  secretKey: string
  /** To encrypt files with. */
  key: Buffer | undefined
  version: string
  now: Date
}

/** The oldest partition that is old enough. Undefined: there is none. */
export async function detachOldest(options: DetachOptions): Promise<{ path: string; detached: Detached } | undefined> {
  const { client, folder, before, version, now, key } = options
  const found = await oldest(client, before)
  if (!found) return undefined
  const { name, detached } = found
  const { from, to } = detached
  const head: AuditHead = { is: 'audit', from, to, madeAt: now.toISOString(), version }
  const { path } = await keepFile(folder, `openhcs-audit-${from}-${to - 1}.rows`, (target) =>
    writeAuditFile(client, target, { head, name, key }),
  )
  try {
    await prove(client, path, options, detached)
    await removeRows(client, name, options, detached)
  } catch (error) {
    await rm(path, { force: true }) // the rows are all there still
    throw error
  }
  return { path, detached }
}

/** Ids below it were all drawn, so that no row comes later; and its rows are old. */
async function oldest(client: pg.Client, before: Date): Promise<{ name: string; detached: Detached } | undefined> {
  const { rows } = await client.query(
    `select * from platform.audit_partition where to_id <= pg_sequence_last_value('platform.audit_event_id_seq') order by from_id`,
  )
  for (const { name, from_id, to_id } of rows) {
    const summary = await client.query(
      `select count(*) as rows, min(at) as first, max(at) as last from platform.${name}`,
    )
    const { rows: count, first, last } = summary.rows[0]
    if (Number(count) === 0) continue
    if (last >= before) return undefined
    return { name, detached: { from: Number(from_id), to: Number(to_id), rows: Number(count), first, last } }
  }
  return undefined
}

interface SealOfRange extends Found {
  id: number
  ids: string
  /** Whether all of its rows are in the range. */
  within: boolean
}

async function sealsIn(client: pg.Client, { from, to }: Pick<Detached, 'from' | 'to'>): Promise<SealOfRange[]> {
  const { rows } = await client.query(
    `select id, ids::text as ids, count, digest, ids <@ int8range($1, $2) as within
     from platform.audit_seal where ids && int8range($1, $2) order by id`,
    [from, to],
  )
  return rows
}

export interface FileVerdict extends AuditVerdict {
  /** Rows in the files that no seal covers. */
  strange: number
}

/** The whole chain, with files of what was handed out. */
export async function verifyWith(
  client: pg.Client,
  secretKey: string,
  sources: readonly Readable[],
  key?: Buffer,
  seen = 0,
): Promise<FileVerdict> {
  const files = new Map<number, FoundInFile>()
  let strange = 0
  for (const source of sources) {
    const file = await readAuditFile(source, key, (head) => sealsIn(client, head))
    files.set(file.head.from, file.found)
    strange += file.strange
  }
  return { ...(await verifyAudit((text, values) => client.query(text, values), secretKey, files, seen)), strange }
}

/** From the file, as somebody will years later. */
async function prove(client: pg.Client, path: string, { key }: DetachOptions, detached: Detached): Promise<void> {
  const seals = await sealsIn(client, detached)
  const file = await readAuditFile(createReadStream(path), key, async () => seals)
  const wrong = wrongIn(file, seals)
  if (wrong) throw new Error(`Nothing was detached: ${wrong} See openhcs audit verify.`)
  if (file.rows !== detached.rows) throw damaged('rows are missing')
}

function wrongIn({ found, strange }: AuditFile, seals: readonly SealOfRange[]): string | undefined {
  if (strange > 0) return `${strange} of its rows have no seal yet.`
  for (const { id, count, digest, within } of seals) {
    const there = found.get(id)
    if (!within || there?.count !== count || there.digest !== digest) return `its rows are not those of seal ${id}.`
  }
  return undefined
}

/** Detaching stops every write for a moment, so it is not waited for: it is done at once, or another time. */
async function removeRows(
  client: pg.Client,
  name: string,
  { secretKey, now }: DetachOptions,
  detached: Detached,
): Promise<void> {
  try {
    await client.query(`begin; set local lock_timeout = '1s'`)
    await client.query(`alter table platform.audit_event detach partition platform.${name}`)
    await noteDetached((text, values) => client.query(text, values), secretKey, detached, now)
    await client.query(`drop table platform.${name}; commit`)
  } catch (error) {
    await client.query('rollback')
    if ((error as { code?: string }).code !== '55P03') throw error
    throw new Error('The audit is in use just now, by a backup perhaps: nothing was detached. Try again later.')
  }
}

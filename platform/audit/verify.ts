import type { Send } from '../database.ts'
import { type Detached, detachedRanges } from './detached.ts'
import { chain, type Found, findSealed } from './seal.ts'

interface SealsVerdict {
  seals: number
  /** That are there, in the database or in a file that was given. */
  rows: number
  /** Rows that were handed out, in files that were not given: that their seals follow one another is all that was seen of them. */
  elsewhere: number
  /** Seals whose rows were changed, removed or added to, or whose link to the one before is broken. */
  broken: { seal: number; sealedAt: Date; reason: string }[]
}

export interface AuditVerdict extends SealsVerdict {
  unsealed: number
}

/** What a file has of the rows of each seal, by the seal's id. */
export type FoundInFile = ReadonlyMap<number, Found>

/**
 * Recomputes the chain from the rows; those of a partition that was handed out from its file, by the first id of the partition. `seen` is the
 * newest seal that a look at them has found before.
 */
export async function verifyAudit(
  send: Send,
  key: string,
  files: ReadonlyMap<number, FoundInFile> = new Map(),
  seen = 0,
): Promise<AuditVerdict> {
  const { inFiles, ...verdict } = await verifySeals(send, key, 0, files)
  verdict.broken.push(...(await cutFrom(send, seen)))
  const { rows } = await send('select count(*)::int as count from platform.audit_event')
  return { ...verdict, unsealed: rows[0].count - (verdict.rows - inFiles) }
}

/** The end of a chain can be cut off, and what is left is whole: that there was more, somebody must have seen before. */
async function cutFrom(send: Send, seen: number): Promise<SealsVerdict['broken']> {
  const { rows } = await send(
    `select coalesce(max(id), 0) as newest, coalesce(max(sealed_at), 'epoch') as at from platform.audit_seal`,
  )
  const { newest, at } = rows[0]
  return seen > newest
    ? [{ seal: seen, sealedAt: at, reason: 'this seal was there, and every one from it on is gone' }]
    : []
}

/** As many as are made in a day. */
const DAY_OF_SEALS = 1_440

/** Recomputes the newest part of the chain: the whole of it is for `openhcs audit verify`. */
export async function verifyNewestSeals(send: Send, key: string, seen = 0): Promise<SealsVerdict & { newest: number }> {
  const { rows } = await send('select coalesce(max(id), 0) as newest from platform.audit_seal')
  const newest: number = rows[0].newest
  const { broken, ...verdict } = await verifySeals(send, key, Math.max(0, newest - DAY_OF_SEALS), new Map())
  return { ...verdict, newest, broken: [...broken, ...(await cutFrom(send, seen))] }
}

interface Seal {
  id: number
  ids: string
  first: number
  count: number
  digest: string
  seal: string
  sealed_at: Date
}

async function verifySeals(
  send: Send,
  key: string,
  after: number,
  files: ReadonlyMap<number, FoundInFile>,
): Promise<SealsVerdict & { inFiles: number }> {
  const { rows } = await send(
    'select id, ids::text as ids, lower(ids) as first, count, digest, seal, sealed_at from platform.audit_seal where id >= $1 order by id',
    [after],
  )
  const seals: Seal[] = rows
  const detached = await detachedRanges(send, key)
  const verdict = { seals: 0, rows: 0, elsewhere: 0, inFiles: 0, broken: [] as SealsVerdict['broken'] }
  let previous = ''
  if (after > 0) previous = seals.shift()?.seal ?? ''
  let expected = after + 1
  for (const seal of seals) {
    const fault = (reason: string) => verdict.broken.push({ seal: seal.id, sealedAt: seal.sealed_at, reason })
    const away = rangeOf(detached, seal)
    const file = away && files.get(away.from)
    if (seal.id !== expected) fault('a seal before this one was removed')
    if (chain(key, previous, seal.ids, seal.digest) !== seal.seal) fault('the seal itself was altered')
    if (away && !file) verdict.elsewhere += seal.count
    else {
      const found = file ? (file.get(seal.id) ?? NOTHING) : await findSealed(send, seal.ids)
      if (found.count !== seal.count) fault(`${seal.count} rows were sealed, ${found.count} are there`)
      else if (found.digest !== seal.digest) fault('a row was altered')
      verdict.rows += found.count
      if (file) verdict.inFiles += found.count
    }
    verdict.seals++
    previous = seal.seal
    expected = seal.id + 1
  }
  return verdict
}

const NOTHING: Found = { count: 0, digest: null }

const rangeOf = (detached: readonly Detached[], { first }: Seal): Detached | undefined =>
  detached.find(({ from, to }) => Number(first) >= from && Number(first) < to)

export interface NewestSeal {
  sealedAt: Date | undefined
  /** Whether the rows under it, and its link to the one before, are what the key says. */
  fits: boolean
  /** When the oldest row after it was written. */
  unsealedSince: Date | undefined
}

/** Cheap, where `verifyAudit` reads everything: whether the key is the right one, and whether sealing goes on. */
export async function checkNewestSeal(send: Send, key: string): Promise<NewestSeal> {
  const { rows } = await send(
    'select ids::text as ids, digest, seal, sealed_at, newest_id from platform.audit_seal order by id desc limit 2',
  )
  const [newest, before] = rows
  const unsealed = await send('select min(at) as at from platform.audit_event where id > $1', [newest?.newest_id ?? 0])
  const unsealedSince: Date | undefined = unsealed.rows[0].at ?? undefined
  if (!newest) return { sealedAt: undefined, fits: true, unsealedSince }
  const { digest } = await findSealed(send, newest.ids)
  return {
    sealedAt: newest.sealed_at,
    fits: digest === newest.digest && chain(key, before?.seal ?? '', newest.ids, newest.digest) === newest.seal,
    unsealedSince,
  }
}

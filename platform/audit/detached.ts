import { createHmac } from 'node:crypto'
import type { Send } from '../database.ts'

/** A partition that was handed out: ids from `from` up to and without `to`. */
export interface Detached {
  from: number
  to: number
  rows: number
  first: Date
  last: Date
}

/** Made under the key that the database does not hold: who has removed rows there cannot say that they were handed out. */
const proofOf = (key: string, { from, to, rows, first, last }: Detached): string =>
  createHmac('sha256', key)
    .update(['detached', from, to, rows, first.toISOString(), last.toISOString()].join('\n'))
    .digest('hex')

export const noteDetached = (send: Send, key: string, detached: Detached, now: Date): Promise<unknown> =>
  send(
    `insert into platform.audit_detached (from_id, to_id, rows, first_at, last_at, detached_at, proof) values ($1, $2, $3, $4, $5, $6, $7)`,
    [detached.from, detached.to, detached.rows, detached.first, detached.last, now, proofOf(key, detached)],
  )

/** Those that the key confirms. The rows of any other are missing. */
export async function detachedRanges(send: Send, key: string): Promise<Detached[]> {
  const { rows } = await send('select * from platform.audit_detached order by from_id')
  return rows
    .map((row) => ({
      proof: row.proof,
      from: Number(row.from_id),
      to: Number(row.to_id),
      rows: Number(row.rows),
      first: row.first_at,
      last: row.last_at,
    }))
    .filter(({ proof, ...detached }) => proofOf(key, detached) === proof)
}

import pg from 'pg'
import { gathererOf } from '#platform/database.ts'
import { asOptions, PLAN_ONCE } from '#platform/session.ts'

// The driver as platform/database.ts uses it, and nothing around it.

export type Rows = Record<string, unknown>[]
export type Send = (text: string, values: readonly unknown[]) => Promise<Rows>

const names = new Map<string, string>()
const nameOf = (text: string) => {
  const name = names.get(text) ?? `f${names.size}`
  names.set(text, name)
  return name
}

const senders = new WeakMap<pg.ClientBase, Send>()

function sendTo(client: pg.ClientBase): Send {
  const known = senders.get(client)
  if (known) return known
  const gather = gathererOf(client as pg.Client)
  const send: Send = async (text, values) => {
    gather()
    return (await client.query({ name: nameOf(text), text, values: [...values] })).rows
  }
  senders.set(client, send)
  return send
}

const ROLE = '-c role=openhcs_scheduling'
export const OPTIONS = `${ROLE} -c search_path=scheduling,platform -c timezone=UTC ${asOptions(PLAN_ONCE)}`

const settings = (connectionString: string, options = OPTIONS) => ({ connectionString, options, pipeline: true })

/** One pipelined connection that everybody shares. */
export async function openReader(url: string, options?: string): Promise<{ send: Send; close(): Promise<void> }> {
  const client = new pg.Client(settings(url, options))
  await client.connect()
  return { send: sendTo(client), close: () => client.end() }
}

/** One whose server tells how long each statement took: as notices, which only an owner may ask for. */
export async function openTold(ownerUrl: string): Promise<{ send: Send; client: pg.Client }> {
  const options = OPTIONS.replace(ROLE, '-c log_min_duration_statement=0 -c client_min_messages=log')
  const client = new pg.Client({ ...settings(ownerUrl), options })
  await client.connect()
  await client.query('set role openhcs_scheduling')
  return { send: sendTo(client), client }
}

/** Connections for transactions, as many as the house has. */
export function openPool(url: string, max: number, options?: string): () => Promise<{ send: Send; release(): void }> {
  const pool = new pg.Pool({ ...settings(url, options), max })
  return async () => {
    const client = await pool.connect()
    return { send: sendTo(client), release: () => client.release() }
  }
}

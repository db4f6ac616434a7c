import pg from 'pg'

// The driver as platform/database.ts uses it, and nothing around it.

pg.types.setTypeParser(pg.types.builtins.INT8, Number)

export type Rows = Record<string, unknown>[]
export type Send = (text: string, values: readonly unknown[]) => Promise<Rows>

const names = new Map<string, string>()
const nameOf = (text: string) => {
  const name = names.get(text) ?? `f${names.size}`
  names.set(text, name)
  return name
}

const sendTo =
  (client: pg.ClientBase): Send =>
  async (text, values) =>
    (await client.query({ name: nameOf(text), text, values: [...values] })).rows

const settings = (connectionString: string) => ({
  connectionString,
  options: '-c role=openhcs_scheduling -c search_path=scheduling,platform -c timezone=UTC',
  pipeline: true,
})

/** One pipelined connection that everybody shares. */
export async function openReader(url: string): Promise<Send> {
  const client = new pg.Client(settings(url))
  await client.connect()
  return sendTo(client)
}

/** Connections for transactions, as many as the house has. */
export function openPool(url: string, max: number): () => Promise<{ send: Send; release(): void }> {
  const pool = new pg.Pool({ ...settings(url), max })
  return async () => {
    const client = await pool.connect()
    return { send: sendTo(client), release: () => client.release() }
  }
}

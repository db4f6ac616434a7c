import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { openPool, openReader } from './bare-driver.ts'
import { openBookingFloor } from './floor-book.ts'
import { bareContext, findPage, sessionStatement } from './floor-find.ts'
import { answerTo, type ServerState } from './messages.ts'
import { portOf, processState } from './process-state.ts'

/** Searches are answered with or without the look-up of the session. */
export interface FloorMessage {
  kind: 'state' | 'session' | 'no-session'
}

// The least that could answer the same: bare node:http, the bare driver, the same statements.
const { DATABASE_URL = '', BENCH_EXAMPLE = '' } = process.env
const { send: reader } = await openReader(DATABASE_URL)
const book = BENCH_EXAMPLE ? await openBookingFloor(BENCH_EXAMPLE, reader, openPool(DATABASE_URL, 10)) : undefined
const ctx = bareContext(reader)
let withSession = false

const server = createServer((request, response) => {
  answer(request).then(
    ({ status, body }) => end(response, status, body),
    (error: { constraint?: string; message: string }) => end(response, error.constraint ? 409 : 500, error.message),
  )
})
await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))

const end = (response: ServerResponse, status: number, body: string) => {
  const length = Buffer.byteLength(body)
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': length }).end(body)
}

async function answer(request: IncomingMessage): Promise<{ status: number; body: string }> {
  const { url = '', method, headers } = request
  const token = String(headers.authorization).slice('Bearer '.length)
  if (method === 'POST' && book)
    return { status: 201, body: await book(await bodyOf(request), token, String(headers['idempotency-key'])) }
  if (withSession) {
    const { text, values } = await sessionStatement(token)
    await reader(text, values)
  }
  return { status: 200, body: await findPage(ctx, url) }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

answerTo(async ({ kind }: FloorMessage): Promise<ServerState> => {
  if (kind !== 'state') withSession = kind === 'session'
  return { ...processState(portOf(server)), statements: 0, trips: 0 }
})
process.on('disconnect', () => process.exit())

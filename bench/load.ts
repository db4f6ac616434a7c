import { readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { type Ask, answerTo, type LoadJob, type LoadResult } from './messages.ts'

// Makes load from a process of its own: so many connections, each of which asks again as soon as it has its answer. HTTP is spoken by
// hand, since a client library would take as much of the processor as the server that is measured.

answerTo(async (job: LoadJob): Promise<LoadResult> => {
  const asks = JSON.parse(readFileSync(job.file, 'utf8')) as Ask[]
  const turn = {
    asks,
    next: job.from,
    until: job.until,
    wrap: job.wrap,
    deadline: performance.now() + job.seconds * 1_000,
  }
  const tally: Tally = { milliseconds: [], bytes: 0, statuses: {} }
  const began = performance.now()
  await Promise.all(Array.from({ length: job.connections }, () => talk(job.port, turn, tally)))
  const seconds = (performance.now() - began) / 1_000
  const sorted = Float64Array.from(tally.milliseconds).sort()
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
  return {
    requests: sorted.length,
    perSecond: sorted.length / seconds,
    p50: at(0.5),
    p99: at(0.99),
    bytes: tally.bytes / sorted.length,
    statuses: tally.statuses,
    next: turn.next,
  }
})

interface Turn {
  asks: Ask[]
  next: number
  until: number
  wrap: boolean
  deadline: number
}

interface Tally {
  milliseconds: number[]
  bytes: number
  statuses: Record<string, number>
}

function take(turn: Turn): Buffer | undefined {
  if (performance.now() > turn.deadline) return undefined
  if (turn.next >= turn.until && !turn.wrap) return undefined
  const { method, url, token, key, body } = turn.asks[turn.next++ % turn.until] as Ask
  const head = [
    `${method} ${url} HTTP/1.1`,
    'host: bench',
    `authorization: Bearer ${token}`,
    ...(key ? [`idempotency-key: ${key}`] : []),
    ...(body ? ['content-type: application/json', `content-length: ${Buffer.byteLength(body)}`] : []),
  ]
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${body ?? ''}`)
}

function talk(port: number, turn: Turn, tally: Tally): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1').setNoDelay(true)
    let sent = 0
    const ask = () => {
      const request = take(turn)
      if (!request) return socket.destroy() && resolve()
      sent = performance.now()
      socket.write(request)
    }
    socket.on('connect', ask).on('error', reject).on('close', resolve)
    listen(socket, (status, length) => {
      tally.milliseconds.push(performance.now() - sent)
      tally.bytes += length
      tally.statuses[status] = (tally.statuses[status] ?? 0) + 1
      ask()
    })
  })
}

/** Calls `answered` for each whole response. Every server here sends a content-length. */
function listen(socket: Socket, answered: (status: string, length: number) => void): void {
  let head: Buffer | undefined
  let missing = 0
  let length = 0
  let status = ''
  socket.on('data', (chunk) => {
    if (missing > 0) missing -= chunk.length
    else {
      head = head ? Buffer.concat([head, chunk]) : chunk
      const end = head.indexOf('\r\n\r\n')
      if (end < 0) return
      const text = head.toString('latin1', 0, end)
      status = text.slice(9, 12)
      length = Number(/\r\ncontent-length: (\d+)/i.exec(text)?.[1] ?? 0)
      missing = length - (head.length - end - 4)
      head = undefined
    }
    if (missing <= 0) answered(status, length)
  })
}

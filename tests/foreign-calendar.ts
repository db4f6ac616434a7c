import { hash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Somebody else's server with one calendar on it, as a file: the outside of what imports busy times. */
export interface ForeignCalendar extends AsyncDisposable {
  url: string
  /** What it has: lines of events. */
  events: string[]
  /** Instead of that. */
  answer: ((request: IncomingMessage, response: ServerResponse) => void) | undefined
  /** Each that was asked for: what came with it, and what was answered. */
  asked: { headers: IncomingMessage['headers']; status: number }[]
}

export async function startForeignCalendar(): Promise<ForeignCalendar> {
  const server = createServer((request, response) => {
    response.once('finish', () => calendar.asked.push({ headers: request.headers, status: response.statusCode }))
    if (calendar.answer) calendar.answer(request, response)
    else send(calendar.events, request, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const calendar: ForeignCalendar = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/private-0123456789/basic.ics`,
    events: [],
    answer: undefined,
    asked: [],
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
  return calendar
}

function send(events: string[], request: IncomingMessage, response: ServerResponse): void {
  const text = ['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//Elsewhere//EN', ...events, 'END:VCALENDAR', ''].join(
    '\r\n',
  )
  const etag = `"${hash('sha256', text, 'base64url')}"`
  response.setHeader('etag', etag)
  response.setHeader('content-type', 'text/calendar')
  if (request.headers['if-none-match'] === etag) response.writeHead(304).end()
  else response.end(text)
}

/** An event of so many minutes: `20310303T090000Z`. */
export const eventAt = (start: string, minutes = 60, ...more: string[]): string[] => [
  ...['BEGIN:VEVENT', `UID:${start}@elsewhere.test`, 'DTSTAMP:20310101T000000Z', `DTSTART:${start}`],
  ...[`DURATION:PT${minutes}M`, 'SUMMARY:With my own doctor\\, in secret', ...more, 'END:VEVENT'],
]

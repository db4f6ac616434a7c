import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { Readable } from 'node:stream'
import { describe, it } from 'node:test'
import { openSmtp } from '#tests/smtp.ts'
import { openVillage } from '../testing.ts'
import { patience } from './post-office.ts'

const ENDLESS = Buffer.alloc(65_536, 'x')

/** What a program that is no mail server, or a bad one, says to whoever connects. */
const lies: Readonly<Record<string, (socket: Socket) => void>> = {
  'speaks another protocol': (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'),
  'greets and hangs up': (socket) => socket.end('220 mail.example ESMTP\r\n'),
  'never ends its first line': (socket) => {
    Readable.from(endlessly())
      .on('error', () => {})
      .pipe(socket)
  },
  'says nothing of what it was asked': (socket) => {
    socket.write('220 mail.example ESMTP\r\n')
    socket.on('data', () => socket.write('999 perhaps\r\n'))
  },
}

function* endlessly() {
  for (;;) yield ENDLESS
}

async function openLiar(lie: (socket: Socket) => void) {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    lie(socket)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => void server.close(),
  }
}

describe('a mail server that lies', () => {
  for (const [lie, say] of Object.entries(lies))
    it(`is passed by, and then left alone: one that ${lie}`, async (test) => {
      const before = { ...patience }
      Object.assign(patience, { connectMs: 1_000, answerMs: 3_000, wholeMs: 6_000 })
      test.after(() => Object.assign(patience, before))
      await using liar = await openLiar(say)
      await using smtp = await openSmtp()
      await using village = await openVillage({ env: { SMTP_URL: `${liar.url} ${smtp.url}` } })
      await village.happens('booked')
      assert.equal(smtp.mails.length, 3)
      const { rows } = await village.house.owner.query(
        'select provider, outcome, count(*)::int from notifications.attempt group by 1, 2 order by 1',
      )
      assert.deepEqual(rows, [
        { provider: 'smtp-1', outcome: 'unreached', count: 2 },
        { provider: 'smtp-2', outcome: 'taken', count: 3 },
      ])
    })
})

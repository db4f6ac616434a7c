import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { describe, it } from 'node:test'
import { smppSettings } from '#platform/text-providers.ts'
import { type Connection, type Hear, openConnection, patience, type Unanswered } from './connection.ts'
import { commands, fields, Malformed, openCutter, type Pdu, responseTo, written } from './pdu.ts'

// An SMSC that does what none should: what it says is written here, octet by octet.

interface Rogue extends AsyncDisposable {
  connection: Connection
  socket: Socket
  /** The next of these that comes to it. */
  next(command: number): Promise<Pdu>
  say(pdu: Partial<Pdu>): void
  /** What has come, and nobody has asked for yet. */
  came: readonly Pdu[]
}

const nothing = Buffer.alloc(0)

async function openRogue({ window = 10, hear = async () => 0 }: { window?: number; hear?: Hear } = {}): Promise<Rogue> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  const accepted = once(server, 'connection') as Promise<[Socket]>
  const opened = openConnection(smppSettings(new URL(`smpp://a:b@127.0.0.1:${port}?window=${window}`)), hear)
  const [socket] = await accepted
  socket.on('error', () => {})
  const [cut, came, events] = [openCutter(), [] as Pdu[], new EventTarget()]
  socket.on('data', (chunk: Buffer) => {
    came.push(...cut(chunk))
    events.dispatchEvent(new Event('pdu'))
  })
  const say = (pdu: Partial<Pdu>) => {
    socket.write(written({ command: 0, status: 0, sequence: 1, body: nothing, ...pdu }))
  }
  const next = async (command: number): Promise<Pdu> => {
    for (;;) {
      const at = came.findIndex((one) => one.command === command)
      if (at >= 0) return came.splice(at, 1)[0] as Pdu
      await once(events, 'pdu', { signal: AbortSignal.timeout(10_000) })
    }
  }
  const { sequence } = await next(commands.bindTransceiver)
  say({ command: responseTo(commands.bindTransceiver), sequence, body: fields('smsc') })
  const connection = await opened
  return {
    ...{ connection, socket, next, say, came },
    async [Symbol.asyncDispose]() {
      socket.destroy()
      await connection.ended
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const takes = ({ sequence }: Pdu, id: string): Partial<Pdu> => ({
  ...{ command: responseTo(commands.submitSm), sequence, body: fields(id) },
})
const idOf = ({ body }: Pdu) => body.toString('latin1').replace(/\0$/, '')

describe('answers on a line', () => {
  it('belong to what they name, in whatever order and however often they come', async () => {
    await using rogue = await openRogue()
    const { connection, next, say } = rogue
    const ids = ['first', 'second', 'third'].map((text) => connection.submit(Buffer.from(text)).then(idOf))
    const asked = [await next(commands.submitSm), await next(commands.submitSm), await next(commands.submitSm)]
    say({ command: responseTo(commands.enquireLink), sequence: asked[0]?.sequence ?? 0 })
    for (const one of asked.toReversed()) {
      say(takes(one, `id of ${one.body}`))
      say(takes(one, 'another'))
    }
    say({ ...takes(asked[0] as Pdu, 'nobody asked'), sequence: 4_000 })
    assert.deepEqual(await Promise.all(ids), ['id of first', 'id of second', 'id of third'])
  })

  it('that are a refusal of the whole count as one', async () => {
    await using rogue = await openRogue()
    const submitted = rogue.connection.submit(nothing)
    const { sequence } = await rogue.next(commands.submitSm)
    rogue.say({ command: commands.genericNack, status: 0x03, sequence })
    assert.equal((await submitted).status, 3)
  })

  it('are waited for by no more than the window holds; the others go when one has come', async () => {
    await using rogue = await openRogue({ window: 2 })
    const { connection, next, say, came } = rogue
    const ids = [1, 2, 3].map((n) => connection.submit(Buffer.of(n)).then(idOf))
    const [one, two] = [await next(commands.submitSm), await next(commands.submitSm)]
    say({ command: commands.enquireLink, sequence: 77 })
    await next(responseTo(commands.enquireLink)) // what was written before this is here
    assert.deepEqual([one.body[0], two.body[0], came.length], [1, 2, 0])
    say(takes(two, 'b'))
    const three = await next(commands.submitSm)
    assert.equal(three.body[0], 3)
    for (const [pdu, id] of [
      [one, 'a'],
      [three, 'c'],
    ] as const)
      say(takes(pdu, id))
    assert.deepEqual(await Promise.all(ids), ['a', 'b', 'c'])
  })

  it('that never come end the waiting, of those in the window and of those before it', async () => {
    await using rogue = await openRogue({ window: 1 })
    const { answerMs } = patience
    patience.answerMs = 50
    const submitted = [1, 2, 3].map((n) => rogue.connection.submit(Buffer.of(n)).catch((error) => error))
    const errors = (await Promise.all(submitted)) as Unanswered[]
    patience.answerMs = answerMs
    assert.deepEqual(
      errors.map(({ message, asked }) => [message, asked]),
      [
        ['no-answer', true],
        ['not-bound', false],
        ['not-bound', false],
      ],
    )
  })

  it('cannot come when the line has ended', async () => {
    await using rogue = await openRogue()
    const { connection, socket, next } = rogue
    const waiting = connection.submit(nothing)
    await next(commands.submitSm)
    socket.destroy()
    await assert.rejects(waiting, { message: 'no-answer' })
    await assert.rejects(connection.submit(nothing), { message: 'not-bound' })
  })
})

describe('what comes on a line', () => {
  for (const [what, octets] of Object.entries({
    'a length of nothing': Buffer.alloc(16),
    'a length that is less than a header': Buffer.of(0, 0, 0, 4),
    'a length of gigabytes': Buffer.of(0x7f, 0xff, 0xff, 0xff),
    'another protocol': Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'),
  }))
    it(`ends it where it is ${what}`, async () => {
      await using rogue = await openRogue()
      rogue.socket.write(octets)
      await rogue.connection.ended
    })

  it('may come octet by octet, and several in one', async () => {
    const heard: string[] = []
    const hear: Hear = async ({ body }) => heard.push(body.toString())
    await using rogue = await openRogue({ hear })
    const { socket, next } = rogue
    const whole = (n: number) =>
      written({ command: commands.deliverSm, status: 0, sequence: n, body: Buffer.from(`text ${n}`) })
    for (const octet of whole(1)) socket.write(Buffer.of(octet))
    socket.write(Buffer.concat([whole(2), whole(3)]))
    const answers = [1, 2, 3].map(() => next(responseTo(commands.deliverSm)))
    for (const answer of answers) await answer
    assert.deepEqual(heard, ['text 1', 'text 2', 'text 3'])
  })

  it('is refused where it is something that a phone company does not ask of us', async () => {
    await using rogue = await openRogue()
    rogue.say({ command: commands.submitSm, sequence: 9 })
    const { status, sequence } = await rogue.next(commands.genericNack)
    assert.deepEqual([status, sequence], [3, 9])
  })
})

describe('a PDU', () => {
  it('of the largest kind is taken, and one octet more is none', () => {
    const header = Buffer.alloc(16)
    header.writeUInt32BE(66_000)
    assert.equal(openCutter()(Buffer.concat([header, Buffer.alloc(66_000 - 16)])).length, 1)
    header.writeUInt32BE(66_001)
    assert.throws(() => openCutter()(header), Malformed)
  })
})

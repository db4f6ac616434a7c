import assert from 'node:assert/strict'
import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { describe, it } from 'node:test'
import { Stream } from './stream.ts'
import { Streams } from './streams.ts'

const streamOf = (account: string) => new Stream(account, new ServerResponse(new IncomingMessage(new Socket())))

describe('the streams of a process', () => {
  it('are bounded: one more is told to come again shortly', () => {
    const streams = new Streams(2)
    const [first, second] = [streamOf('a'), streamOf('b')]
    streams.add(first)
    streams.refuseIfFull()
    streams.add(second)
    assert.throws(() => streams.refuseIfFull(), { code: 'transient', retryAfterSeconds: 5 })
    streams.remove(first)
    streams.remove(first)
    streams.refuseIfFull()
  })

  it('all end when the server begins to stop, also one that was just coming in', () => {
    const streams = new Streams()
    const [early, late] = [streamOf('a'), streamOf('a')]
    streams.add(early)
    streams.drain()
    streams.add(late)
    assert.deepEqual([early.ended, late.ended], [true, true])
    assert.throws(() => streams.refuseIfFull(), { code: 'transient' })
  })

  it('wake by account, or all when it is not known whose news it is', async () => {
    const streams = new Streams()
    const [mine, other] = [streamOf('a'), streamOf('b')]
    streams.add(mine)
    streams.add(other)
    const woken: string[] = []
    const rest = (stream: Stream) => stream.rest(5_000).then(() => woken.push(stream.account))
    const first = rest(mine)
    const second = rest(other)
    streams.wake('a')
    await first
    assert.deepEqual(woken, ['a'])
    streams.wake(undefined)
    await second
    streams.wake('b') // nobody rests: the next rest ends at once
    await rest(other)
    assert.deepEqual(woken, ['a', 'b', 'b'])
  })
})

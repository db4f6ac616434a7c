import assert from 'node:assert/strict'
import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { describe, it } from 'node:test'
import { Stream } from './event-stream.ts'
import { Streams } from './event-streams.ts'

const streamOf = (owner: string, topic = owner) =>
  new Stream(owner, new ServerResponse(new IncomingMessage(new Socket())), topic)

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

  it('are so many of an owner, whatever they are about', () => {
    const streams = new Streams()
    const [first, second, third] = [streamOf('a', 'x'), streamOf('a', 'y'), streamOf('b', 'x')]
    for (const stream of [first, third, second]) streams.add(stream, 1)
    assert.deepEqual([first.ended, second.ended, third.ended], [true, false, false])
  })

  it('wake by what they are about, or all when that is not known', async () => {
    const streams = new Streams()
    const [mine, other] = [streamOf('a'), streamOf('b')]
    streams.add(mine)
    streams.add(other)
    const woken: string[] = []
    const rest = (stream: Stream) => stream.rest(5_000).then(() => woken.push(stream.topic))
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

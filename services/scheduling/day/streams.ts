import { hash } from 'node:crypto'
import { accountOf, hashOfToken } from '#platform/auth.ts'
import type { Context } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { beginStream, pace, Stream } from '#platform/event-stream.ts'
import { streamsOf } from '#platform/open-streams.ts'
import type { Exchange } from '#platform/service.ts'
import type { SchedulingTables } from '../tables.ts'
import { viewerOf } from '../viewer.ts'
import { boardOf, DAY_CHANNEL, queuesInSession } from './queries/boards.ts'
import { noPlace } from './settings.ts'
import { boardShown, dayShown } from './shown.ts'

type Ctx = Context<SchedulingTables>

/** A key may be on several screens. */
const SCREENS = 20

/** The screen of a waiting room. The key is looked at again before each event: one that was revoked shows nothing more. */
export async function streamBoard(ctx: Ctx, exchange: Exchange): Promise<void> {
  const key = exchange.request.headers['board-key']
  const noKey = () =>
    new Problem('login', 'Send the key of the screen in the header Board-Key; this one is unknown or revoked.')
  if (typeof key !== 'string' || key.length > 100) throw noKey()
  const keyHash = hashOfToken(key)
  const first = await boardOf(ctx.db, keyHash)
  if (!first) throw noKey()
  await follow(ctx, exchange, {
    event: 'board',
    owner: `board ${first.id}`,
    topic: first.place_id,
    most: SCREENS,
    look: async () => {
      const board = await boardOf(ctx.db, keyHash)
      return board && boardShown(ctx, board)
    },
  })
}

/** For the desk and practitioners. Session, work and licence are looked at again before each event. */
export async function streamDay(ctx: Ctx, place: string, exchange: Exchange): Promise<void> {
  const account = accountOf(ctx)
  const { session = '' } = ctx.actor
  const known = new Map<string, string>()
  const look = async () => {
    const queues = await queuesInSession(ctx.db, place, session, viewerOf(ctx))
    return queues.length > 0 ? dayShown(ctx, queues, known) : undefined
  }
  if ((await look()) === undefined) throw noPlace()
  await follow(ctx, exchange, { event: 'day', owner: `day ${account}`, topic: place, look })
}

interface Followed {
  event: string
  owner: string
  topic: string
  most?: number
  /** All that is to be seen now; undefined: nothing any more. */
  look(): Promise<object | undefined>
}

async function follow(
  ctx: Ctx,
  { request, reply }: Exchange,
  { owner, topic, most, ...followed }: Followed,
): Promise<void> {
  const seen = request.headers['last-event-id']
  // Listening begins before the first look, so nothing that is committed between the two is missed.
  const streams = await streamsOf(ctx, DAY_CHANNEL)
  streams.refuseIfFull()
  const stream = new Stream(owner, beginStream(reply), topic)
  streams.add(stream, most)
  // Not awaited: the handler has answered, and what follows is the stream's own life.
  send(stream, followed, typeof seen === 'string' ? seen : undefined)
    .catch((error: unknown) => ctx.log.warn({ err: error }, 'a stream of a day was broken off'))
    .finally(() => {
      stream.end()
      streams.remove(stream)
    })
}

/** An event is all there is to see, and its id follows from that: so a client that comes back is sent exactly what is different. */
async function send(
  stream: Stream,
  { event, look }: Pick<Followed, 'event' | 'look'>,
  last: string | undefined,
): Promise<void> {
  for (let seen = last; !stream.ended; ) {
    const shown = await look()
    if (shown === undefined) return
    const data = JSON.stringify(shown)
    const id = hash('sha256', data, 'hex').slice(0, 32)
    const text = id === seen ? ': nothing new\n\n' : `id: ${id}\nevent: ${event}\ndata: ${data}\n\n`
    seen = id
    if (!(await stream.send(text))) return
    await stream.rest(pace.heartbeatMs)
  }
}

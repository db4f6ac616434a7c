import type { WebSocket } from 'ws'
import { takeBinding, type Watching, watchingBy, watchingOf } from '#fhir/store/subscriptions.ts'
import type { Subscription } from '#fhir/subscription/subscription.ts'
import { authenticate, authenticateLater, hashOfToken } from '#platform/auth.ts'
import type { Context } from '#platform/context.ts'
import { storeOf } from '../store.ts'
import type { RecordsTables } from '../tables.ts'
import type { Bound, Sockets } from './sockets.ts'

type Ctx = Context<RecordsTables>

/** In milliseconds: well within the 60 s after which proxies give up on who says nothing; and for who says nothing at first. */
export const pace = { heartbeatMs: 20_000, bindWithinMs: 10_000 }
const MOST_BOUND = 20
/** A ping and a look at each, and what is said meanwhile. */
const MOST_WAITING = 4 * MOST_BOUND
const POLICY = 1_008
const TRY_LATER = 1_013
const WORDS = /^(bind|bind-with-token) ([\w.-]{1,100})$/

/** One open websocket. It ends when its client leaves or says nothing any more, when what it is bound to ends, and when the token that opened it does. */
class Follower implements Bound {
  readonly #ctx: Ctx
  readonly #sockets: Sockets
  readonly #socket: WebSocket
  readonly #bound = new Map<number, string>()
  readonly #pinged = new Set<number>()
  #work: Promise<void> = Promise.resolve()
  #waiting = 0
  #isHeard = true

  constructor(ctx: Ctx, sockets: Sockets, socket: WebSocket) {
    this.#ctx = ctx
    this.#sockets = sockets
    this.#socket = socket
  }

  /** Until it is closed. */
  begin(): void {
    const socket = this.#socket
    const late = setTimeout(() => this.#bound.size === 0 && this.close(POLICY), pace.bindWithinMs)
    const beat = setInterval(() => this.#beat(), pace.heartbeatMs)
    socket.on('pong', () => {
      this.#isHeard = true
    })
    socket.on('message', (data, isBinary) => this.#inTurn(() => this.#hear(isBinary ? '' : String(data))))
    socket.on('error', () => socket.terminate()) // a message that is too long, or none of the protocol
    socket.on('close', () => {
      clearTimeout(late)
      clearInterval(beat)
      this.#sockets.remove(this)
    })
    this.#sockets.add(this)
  }

  close(code: number): void {
    this.#socket.close(code)
    setTimeout(() => this.#socket.terminate(), 1_000).unref() // who does not say goodbye
  }

  /** Something was written that this subscription is told of; what comes before that has been said is said with it. */
  wake(key: number): void {
    if (this.#pinged.has(key)) return
    this.#pinged.add(key)
    this.#inTurn(async () => {
      this.#pinged.delete(key)
      const id = this.#bound.get(key)
      if (id !== undefined && (await this.#isGood(key))) this.#socket.send(`ping ${id}`)
    })
  }

  /** One after the other: an answer does not overtake what it answers. */
  #inTurn(work: () => Promise<unknown>): void {
    if (++this.#waiting > MOST_WAITING) {
      this.close(POLICY)
      return
    }
    this.#work = this.#work.then(work).then(
      () => {
        this.#waiting--
      },
      (error: unknown) => {
        this.#ctx.log.warn({ err: error }, 'a websocket was broken off')
        this.close(TRY_LATER)
      },
    )
  }

  async #hear(text: string): Promise<void> {
    const [, word, name = ''] = WORDS.exec(text) ?? []
    const watching = word && this.#bound.size < MOST_BOUND ? await this.#found(word, name) : undefined
    // Whoever has left meanwhile has been removed, and would not be again.
    if (this.#socket.readyState !== this.#socket.OPEN) return
    if (!watching || (JSON.parse(watching.body) as Subscription).channel.type !== 'websocket') return this.close(POLICY)
    this.#bound.set(watching.key, watching.id)
    this.#sockets.bind(this, watching.key, watching.account)
    if (await this.#isGood(watching.key)) this.#socket.send(`bound ${watching.id}`)
  }

  async #found(word: string, name: string): Promise<Watching | undefined> {
    const { actor, now } = this.#ctx
    const db = storeOf(this.#ctx)
    if (word === 'bind-with-token') return takeBinding(db, hashOfToken(name), now())
    // A token that is for one patient sees no Subscription, which is about none.
    const { account, within } = actor
    return account === undefined || within !== undefined ? undefined : watchingOf(db, account, name)
  }

  /** Whether it may still be told; else it ends. */
  async #isGood(key: number): Promise<boolean> {
    const { token, now, db } = this.#ctx
    const watching = await watchingBy(storeOf(this.#ctx), key)
    const asked = watching && (await authenticateLater(storeOf(this.#ctx), watching, now()))
    const opened = token === undefined || (await authenticate(db as never, token, now(), { isUse: false }))
    if (asked && opened) return true
    this.close(POLICY)
    return false
  }

  #beat(): void {
    if (!this.#isHeard) {
      this.#socket.terminate()
      return
    }
    this.#isHeard = false
    this.#socket.ping()
    for (const key of this.#bound.keys()) this.#inTurn(() => this.#isGood(key))
  }
}

export const follow = (ctx: Ctx, sockets: Sockets, socket: WebSocket): void =>
  new Follower(ctx, sockets, socket).begin()

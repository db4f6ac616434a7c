import { availableParallelism } from 'node:os'
import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import { Problem } from '#platform/errors.ts'
import { breakable } from './breakable.ts'
import { layOut } from './lay-out.ts'
import type { Paper, PrintedDocument } from './printed-document.ts'
import type { Made, Order } from './typeset.ts'

/** As many wait at the most, half a second's work of two threads where each has two pages: whoever comes then is told to come again. What waits never holds more than so many of the longest. */
export const MOST_WAITING = 100
/** Characters of a document: hundreds of pages. */
export const LONGEST = 500_000

/** A PDF/UA-1 file (ISO 14289-1): tagged, titled, in its language. */
export async function toPdf(document: PrintedDocument, paper: Paper): Promise<Buffer> {
  expectRoom()
  const layout = JSON.stringify(layOut(document), (name, value) =>
    typeof value === 'string' && name !== 'svg' ? breakable(value) : value,
  )
  if (layout.length > LONGEST)
    throw new Problem('too-costly', 'This is too long to be printed at once. Print less of it, or a part at a time.')
  return new Promise((resolve, reject) => {
    orders++
    const made = (one: Made) => ('pdf' in one ? resolve(Buffer.from(one.pdf)) : reject(new Error(one.fault)))
    const { worker, waiting } = leastBusy()
    waiting.set(orders, { made, reject })
    worker.postMessage({ id: orders, layout, paper } satisfies Order)
  })
}

/** Asked before a document is laid out, which costs time, too. */
function expectRoom(): void {
  const waiting = presses.reduce((sum, press) => sum + press.waiting.size, 0)
  if (waiting >= MOST_WAITING)
    throw new Problem('transient', 'Much is being printed at this moment. Try again shortly.', { retryAfterSeconds: 2 })
}

/** Gives back the threads. Whoever prints again begins with new ones. */
export async function closePresses(): Promise<void> {
  await Promise.all(presses.splice(0).map(({ worker }) => worker.terminate()))
}

interface Press {
  worker: Worker
  waiting: Map<number, { made(one: Made): void; reject(error: Error): void }>
}

/** 60 MB each. */
const MOST = Math.min(2, availableParallelism())
const presses: Press[] = []
let orders = 0

/** A further one where all have something to do. */
function leastBusy(): Press {
  const [first] = presses.toSorted((a, b) => a.waiting.size - b.waiting.size)
  if (first && (first.waiting.size === 0 || presses.length >= MOST)) return first
  const press = newPress()
  presses.push(press)
  return press
}

function newPress(): Press {
  const worker = new Worker(new URL(`./typeset${extname(import.meta.url)}`, import.meta.url), { env: {} })
  const press: Press = { worker, waiting: new Map() }
  worker.unref()
  worker.on('message', (one: Made) => {
    press.waiting.get(one.id)?.made(one)
    press.waiting.delete(one.id)
  })
  const lost = (error: Error) => {
    if (presses.includes(press)) presses.splice(presses.indexOf(press), 1)
    for (const { reject } of press.waiting.values()) reject(error)
    press.waiting.clear()
  }
  worker.on('error', lost)
  worker.on('exit', () => lost(new Error('The thread that prints has ended')))
  return press
}

import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { type BusyTimes, busyTimesIn, TooMany, type Window } from './busy-times.ts'

// Calendars of anybody's making are read in a thread of their own, with so much memory and so much time: a rule can ask for every second since 1970, or for a
// day that never comes, and must not keep the house waiting for that.

interface Task {
  reads: 'busy times'
  texts: readonly string[]
  window: Window
}

type Outcome = { times: BusyTimes } | { why: 'not-a-calendar' | 'too-complex' }

const SECONDS = 10
const LIMITS = { maxOldGenerationSizeMb: 256, maxYoungGenerationSizeMb: 32, stackSizeMb: 4 }

export async function readApart(texts: readonly string[], window: Window, seconds = SECONDS): Promise<Outcome> {
  const task: Task = { reads: 'busy times', texts, window }
  const worker = new Worker(new URL(import.meta.url), { workerData: task, resourceLimits: LIMITS, env: {} })
  let timer: NodeJS.Timeout | undefined
  try {
    return await new Promise<Outcome>((resolve) => {
      const tooMuch = () => resolve({ why: 'too-complex' })
      // From when it runs: on a busy machine it may begin late, and that is not the calendar's fault.
      worker.once('online', () => {
        timer = setTimeout(tooMuch, seconds * 1_000)
      })
      worker.once('message', resolve)
      worker.once('error', tooMuch) // its memory was not enough
      worker.once('exit', tooMuch)
    })
  } finally {
    clearTimeout(timer)
    await worker.terminate()
  }
}

function outcomeOf({ texts, window }: Task): Outcome {
  try {
    return { times: busyTimesIn(texts, window) }
  } catch (error) {
    return { why: error instanceof TooMany ? 'too-complex' : 'not-a-calendar' }
  }
}

if (!isMainThread && (workerData as Task | undefined)?.reads === 'busy times')
  parentPort?.postMessage(outcomeOf(workerData as Task))

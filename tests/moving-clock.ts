import { readFileSync, writeFileSync } from 'node:fs'

// A clock that a test moves, for processes that run with real time: loaded into them before anything else (NODE_OPTIONS=--import), it adds what the file
// says to every Date. PostgreSQL's own clock stays, and with it the times at which jobs are due.

const LOOK_MS = 20

/** For the environment of a process. */
export const movedBy = (file: string) => ({
  NODE_OPTIONS: `--import ${import.meta.url}`,
  MOVING_CLOCK: file,
})

/** From now on it is so much later. Wait a moment: processes look every 20 ms. */
export async function moveClock(file: string, milliseconds: number): Promise<void> {
  writeFileSync(file, String(milliseconds))
  await new Promise((next) => setTimeout(next, LOOK_MS * 50))
}

const { MOVING_CLOCK: file } = process.env
if (file) {
  const RealDate = Date
  let offset = 0
  const look = () => {
    offset = Number(readFileSync(file, 'utf8'))
  }
  look()
  setInterval(look, LOOK_MS).unref()
  globalThis.Date = class extends RealDate {
    constructor(...given: []) {
      if (given.length > 0) super(...given)
      else super(RealDate.now() + offset)
    }
    static override now() {
      return RealDate.now() + offset
    }
  } as DateConstructor
}

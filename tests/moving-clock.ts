import { closeSync, openSync, readSync, writeSync } from 'node:fs'

// A clock that a test moves, for processes that run with real time: loaded into them before anything else (NODE_OPTIONS=--import), it adds what the file
// says to every Date. PostgreSQL's own clock stays, and with it the times at which jobs are due.

/** Written over and read in one piece, so that nobody sees half of it. */
const WIDTH = 20

/** For the environment of a process. */
export const movedBy = (file: string) => ({
  NODE_OPTIONS: `--import ${import.meta.url}`,
  MOVING_CLOCK: file,
})

/** From now on it is so much later, for each process that looks at the file. */
export function moveClock(file: string, milliseconds: number): void {
  const opened = openSync(file, 'r+')
  writeSync(opened, String(milliseconds).padEnd(WIDTH), 0)
  closeSync(opened)
}

const { MOVING_CLOCK: file } = process.env
if (file) {
  const RealDate = Date
  const opened = openSync(file, 'r')
  const buffer = Buffer.alloc(WIDTH)
  const offset = () => Number(buffer.toString('latin1', 0, readSync(opened, buffer, 0, WIDTH, 0)))
  globalThis.Date = class extends RealDate {
    constructor(...given: []) {
      if (given.length > 0) super(...given)
      else super(RealDate.now() + offset())
    }
    static override now() {
      return RealDate.now() + offset()
    }
  } as DateConstructor
}

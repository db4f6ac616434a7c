import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Colour, Entry, Release } from './platform.ts'

export interface Unfinished {
  id: string
  release: Release
  colour: Colour
  done: ReadonlySet<string>
  /** The step that was under way or failed. */
  step: string
}

/** The last release, if it neither finished nor was rolled back. */
export function unfinished(entries: readonly Entry[]): Unfinished | undefined {
  const last = entries.at(-1)
  if (!last || last.event === 'finished' || last.event === 'rolled back') return undefined
  const own = entries.filter(({ id }) => id === last.id)
  const done = new Set(own.filter(({ event }) => event === 'done').map(({ step }) => step))
  return { id: last.id, release: last.release, colour: last.colour, done, step: last.step }
}

/** Lines of JSON, each on the disk before the step it tells of goes on. */
export function fileJournal(path: string) {
  return {
    async read(): Promise<Entry[]> {
      return existsSync(path) ? parseLines(readFileSync(path, 'utf8')) : []
    },
    async append(entry: Entry): Promise<void> {
      mkdirSync(dirname(path), { recursive: true })
      // A driver that was killed while it wrote may have left half a line: the next one begins on a new one.
      const torn = existsSync(path) && !/(^|\n)$/.test(readFileSync(path, 'utf8')) ? '\n' : ''
      const file = openSync(path, 'a', 0o640)
      writeSync(file, `${torn}${JSON.stringify(entry)}\n`)
      fsyncSync(file)
      closeSync(file)
    },
  }
}

export function parseLines(text: string): Entry[] {
  return text.split('\n').flatMap((line) => {
    try {
      return line ? [JSON.parse(line) as Entry] : []
    } catch {
      return []
    }
  })
}

import { createReadStream } from 'node:fs'
import { pino } from 'pino'
import { importedTypes } from '#platform/access.ts'
import { system } from '#platform/auth.ts'
import { loadConfig } from '#platform/config.ts'
import { openHouse } from '#platform/house.ts'
import { newId } from '#platform/ids.ts'
import { importStream } from '#services/records/bulk/import-stream.ts'
import { everything } from '#services.ts'
import { answerTo } from './messages.ts'

export interface ImportState {
  created: number
  refused: number
  /** Milliseconds of processor. */
  cpu: number
}

// As `openhcs import-fhir` goes through a file.
const house = openHouse({ config: loadConfig(), services: everything, log: pino({ level: 'warn' }) })
const ctx = house.context('records', { actor: system, traceId: newId(), doing: 'import-fhir' })

answerTo(async ({ file }: { file: string }): Promise<ImportState> => {
  const before = process.cpuUsage()
  const fault = (one: object) => process.stderr.write(`${JSON.stringify(one)}\n`)
  const input = createReadStream(file, { highWaterMark: 1_048_576 })
  const { created, refused } = await importStream(ctx as never, input, { types: new Set(importedTypes), fault })
  const { user, system } = process.cpuUsage(before)
  return { created, refused, cpu: (user + system) / 1_000 }
})
process.on('disconnect', () => process.exit())

import { createWriteStream, type WriteStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { finished } from 'node:stream/promises'
import { pino } from 'pino'
import { importedTypes } from '#platform/access.ts'
import { system } from '#platform/auth.ts'
import { openHouse } from '#platform/house.ts'
import { newId } from '#platform/ids.ts'
import { faultOutcome } from '#services/records/bulk/import.ts'
import { importStream } from '#services/records/bulk/import-stream.ts'
import { everything } from '#services.ts'
import { openSource } from './arguments.ts'
import { openInstallation } from './installation.ts'

/** Takes in files of NDJSON, each line a resource of R4. What is wrong is written beside each file; exit code 1 where anything is. */
export async function importFhir(files: string[]): Promise<void> {
  if (files.length === 0) throw new Error('Usage: openhcs import-fhir <file>…   (-: standard input)')
  await using installation = await openInstallation()
  const house = openHouse({ config: installation.config, services: everything, log: pino({ level: 'warn' }) })
  try {
    const ctx = house.context('records', { actor: system, traceId: newId(), doing: 'import-fhir' })
    for (const file of files) await importOne(ctx as never, file)
  } finally {
    await house.close()
  }
}

async function importOne(ctx: Parameters<typeof importStream>[0], file: string): Promise<void> {
  const began = performance.now()
  const beside = `${file === '-' ? 'import-fhir' : file}.outcomes.ndjson`
  await rm(beside, { force: true }) // of an earlier time
  const outcomes = writerOf(beside)
  const found = await importStream(ctx, openSource(file), {
    types: new Set(importedTypes),
    fault: (one) => outcomes.write(`${faultOutcome(one)}\n`),
  })
  await outcomes.end()
  const { lines, created, unchanged, refused, missing } = found
  const seconds = (performance.now() - began) / 1_000
  process.stdout.write(
    `${file}: ${lines} lines in ${seconds.toFixed(1)} s, ${created} created, ${unchanged} there already, ${refused} refused, ${missing.length} references to what is not here.\n`,
  )
  if (refused === 0) return
  process.stdout.write(`See ${beside}.\n`)
  process.exitCode = 1
}

/** Makes the file when there is something to write: where nothing is wrong, the folder may be one that cannot be written to. */
function writerOf(path: string) {
  const open: WriteStream[] = []
  return {
    write(text: string) {
      if (open.length === 0) open.push(createWriteStream(path))
      open[0]?.write(text)
    },
    end: () => Promise.all(open.map((stream) => finished(stream.end()))),
  }
}

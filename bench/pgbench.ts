import { execFile } from 'node:child_process'
import { existsSync, globSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { findStatement } from '#services/scheduling/queries/find.ts'
import type { Country } from './country.ts'
import { filterOf, type Mix, mixes, searches, urlOf } from './searches.ts'

const run = promisify(execFile)
const LEFT_OUT = 'The SQL alone (pgbench) is left out: there is no pgbench here (Debian: postgresql-contrib).'

/** The statements of find without any server, by pgbench where it is at hand. */
export async function sqlAlone(folder: string, countries: readonly Country[], seconds: number): Promise<string> {
  const program = findProgram()
  if (!program) return LEFT_OUT
  const lines: string[] = []
  for (const country of countries)
    for (const mix of Object.keys(mixes) as Mix[]) {
      const { perSecond, milliseconds } = await measure(program, folder, country, mix, seconds)
      lines.push(
        `| ${country.practitioners.toLocaleString('en')} | ${mixes[mix]} | ${perSecond.toFixed(0)} | ${milliseconds.toFixed(2)} |`,
      )
    }
  return `The SQL of find alone (pgbench, one connection, prepared; one search of each kind again and again):

| practitioners | search | statements/s | ms |
| --- | --- | --- | --- |
${lines.join('\n')}`
}

function findProgram(): string | undefined {
  const folders = [
    ...(process.env.PATH ?? '').split(delimiter),
    ...globSync('/usr/lib/postgresql/*/bin').sort().reverse(),
  ]
  return folders.map((folder) => join(folder, 'pgbench')).find((file) => existsSync(file))
}

async function measure(program: string, folder: string, country: Country, mix: Mix, seconds: number) {
  const [search = {}] = searches(mix, country.practitioners, 8).slice(-1)
  const { text, values } = findStatement(filterOf(urlOf(search), new Date()))
  const file = join(folder, `${mix}.sql`)
  writeFileSync(file, `${text.replace(/\$(\d+)/g, ':v$1').replaceAll('\n', ' ')};\n`)
  const variables = values.flatMap((value, i) => ['-D', `v${i + 1}=${textOf(value)}`])
  const url = country.appUrl
  const args = ['-n', '-M', 'prepared', '-c', '1', '-T', String(Math.ceil(seconds)), '-f', file, ...variables, url]
  const PGOPTIONS = '-c role=openhcs_scheduling -c search_path=scheduling,platform -c timezone=UTC'
  const { stdout } = await run(program, args, { env: { ...process.env, PGOPTIONS } })
  const figure = (pattern: RegExp) => Number(pattern.exec(stdout)?.[1] ?? Number.NaN)
  return { perSecond: figure(/tps = ([\d.]+)/), milliseconds: figure(/latency average = ([\d.]+)/) }
}

function textOf(value: unknown): string {
  if (value instanceof Date) return value.toISOString()
  return Array.isArray(value) ? `{${value.join()}}` : String(value)
}

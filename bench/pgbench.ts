import { execFile } from 'node:child_process'
import { existsSync, globSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { OPTIONS, type Send } from './bare-driver.ts'
import type { Country } from './country.ts'
import { bareContext, findPage } from './floor-find.ts'
import type { HouseMessage } from './house-server.ts'
import { type ServerState, startPartner } from './messages.ts'
import { type Mix, mixes, searches, urlOf } from './searches.ts'
import type { Bench } from './setting.ts'

const run = promisify(execFile)
const LEFT_OUT = 'The SQL alone (pgbench) is left out: there is no pgbench here (Debian: postgresql-contrib).'

/** The statements of find without any server, by pgbench where it is at hand. */
export async function sqlAlone(bench: Bench, countries: readonly Country[]): Promise<string> {
  const program = findProgram()
  if (!program) return LEFT_OUT
  const lines: string[] = []
  for (const country of countries) {
    const house = startPartner<HouseMessage, ServerState>('./house-server.ts', bench.envFor(country))
    await house.ask({ kind: 'minute' }) // it is some minutes since anybody ran it
    for (const mix of Object.keys(mixes) as Mix[]) {
      const { perSecond, milliseconds } = await measure(program, bench, country, mix)
      const size = country.practitioners.toLocaleString('en')
      lines.push(`| ${size} | ${mixes[mix]} | ${perSecond.toFixed(0)} | ${milliseconds.toFixed(2)} |`)
    }
    await house.stop()
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

async function measure(program: string, { folder, seconds }: Bench, country: Country, mix: Mix) {
  const [search = {}] = searches(mix, country.practitioners, 8).slice(-1)
  const { text, values } = await statementOf(urlOf(search))
  const file = join(folder, `${mix}.sql`)
  writeFileSync(file, `${text.replace(/\$(\d+)/g, ':v$1').replaceAll('\n', ' ')};\n`)
  const variables = values.flatMap((value, i) => ['-D', `v${i + 1}=${textOf(value)}`])
  const url = country.appUrl
  const args = ['-n', '-M', 'prepared', '-c', '1', '-T', String(Math.ceil(seconds / 4)), '-f', file, ...variables, url]
  const { stdout } = await run(program, args, { env: { ...process.env, PGOPTIONS: OPTIONS } })
  const figure = (pattern: RegExp) => Number(pattern.exec(stdout)?.[1] ?? Number.NaN)
  return { perSecond: figure(/tps = ([\d.]+)/), milliseconds: figure(/latency average = ([\d.]+)/) }
}

/** The statement that the room sends for a search. */
async function statementOf(url: string): Promise<{ text: string; values: readonly unknown[] }> {
  let sent = { text: '', values: [] as readonly unknown[] }
  const send: Send = async (text, values) => {
    sent = { text, values }
    return []
  }
  await findPage(bareContext(send), url)
  return sent
}

function textOf(value: unknown): string {
  if (value instanceof Date) return value.toISOString()
  return Array.isArray(value) ? `{${value.join()}}` : String(value)
}

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Writes a generated file; with --check only says whether it is up to date (exit code 1 when not). */
export function keep(path: string, content: string): void {
  const file = fileURLToPath(new URL(`../${path}`, import.meta.url))
  const present = existsSync(file) ? readFileSync(file, 'utf8') : undefined
  if (present === content) return
  if (!process.argv.includes('--check')) {
    writeFileSync(file, content)
    return
  }
  process.stderr.write(`${path} is out of date. Run: npm run generate\n`)
  process.exitCode = 1
}

/** Puts `content` between `<!-- name -->` and `<!-- /name -->` of a page whose other words are written by hand. */
export function keepPart(path: string, name: string, content: string): void {
  const file = fileURLToPath(new URL(`../${path}`, import.meta.url))
  const present = readFileSync(file, 'utf8')
  const part = new RegExp(`(<!-- ${name} -->)[^]*?(<!-- /${name} -->)`)
  if (!part.test(present)) throw new Error(`${path} has no part <!-- ${name} -->`)
  keep(
    path,
    present.replace(part, (_, open, close) => `${open}\n${content}\n${close}`),
  )
}

/** Where a room is: `services/care-plans` for the room whose schema is `care_plans`. */
export const folderOf = ({ migrations }: { migrations: URL }) =>
  `services/${basename(dirname(fileURLToPath(migrations)))}`

/** Norms that no tool at hand checks: length of files, open ends without an issue, addresses in the lock file. */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Lines at which a file must be split. The aim is far lower: 120, and 250 for a test. */
const longest = { source: 400, test: 600 }
const openEnd = /\b(?:TO[D]O|FIX[M]E)\b(?!\s*\(?#\d)/
/** What a statement answers must not change with a column that the next release adds: PostgreSQL then refuses what was prepared before. */
const everyColumn =
  /\.(selectAll|returningAll)\(|`\s*select\s+(\w+\.)?\*(?!, null| from (around|\()| from \w+\()|returning \*`/
const generated = /^(\/\/|\/\*\*?) Generated /

export function styleProblems(root: string): string[] {
  const files = globSync('**/*.{ts,tsx,mts,cjs,sql,sh}', {
    cwd: root,
    exclude: ['**/node_modules', '.openhcs', 'coverage'],
  })
  return [
    ...files.sort().flatMap((path) => problemsOf(path, read(root, path))),
    ...lockFileProblems(read(root, 'package-lock.json')),
  ]
}

export function problemsOf(path: string, text: string): string[] {
  const lines = text.trimEnd().split('\n')
  const limit = /\.test\.tsx?$/.test(path) ? longest.test : longest.source
  const tooLong = /\.(ts|tsx|mts|cjs)$/.test(path) && !generated.test(text) && lines.length > limit
  return [
    ...(tooLong ? [`${path}: ${lines.length} lines, and ${limit} is the limit`] : []),
    ...(/^services\/.*\.ts$/.test(path) && everyColumn.test(text)
      ? [`${path}: asks for every column: name them (columns in tables.ts)`]
      : []),
    ...lines.flatMap((line, i) =>
      openEnd.test(line) ? [`${path}:${i + 1}: an open end needs the number of its issue, as in (#12)`] : [],
    ),
  ]
}

/** They would tie every installation to the registry of whoever wrote the file last. */
export function lockFileProblems(text: string): string[] {
  return /"resolved"\s*:\s*"(?:https?|git)/.test(text)
    ? ['package-lock.json holds addresses ("resolved"): write it with the settings in .npmrc']
    : []
}

function read(root: string, path: string) {
  return readFileSync(join(root, path), 'utf8')
}

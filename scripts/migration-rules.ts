import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { parse } from 'libpg-query'

/**
 * What a migration may do while the release before it still serves. A file expands (new tables, columns, indexes: any time), or it contracts
 * (`…_contract.sql`: takes away what no release that may still run needs), never both. Read by PostgreSQL's own parser.
 */
export async function migrationProblems(path: string, sql: string): Promise<string[]> {
  const { stmts = [] } = (await parse(sql)) as { stmts?: { stmt: Node; stmt_location?: number }[] }
  const contracts = basename(path).endsWith('_contract.sql')
  const alone = basename(path).endsWith('_concurrently.sql')
  const made = new Set(stmts.flatMap(({ stmt }) => (stmt.CreateStmt ? [nameOf(stmt.CreateStmt.relation)] : [])))
  const problems = stmts.flatMap(({ stmt, stmt_location = 0 }) =>
    complaintsOf(stmt, made, contracts).map((what) => `${path}:${lineAt(sql, stmt_location)}: ${what}`),
  )
  if (alone && (stmts.length !== 1 || !stmts[0]?.stmt.IndexStmt?.concurrent))
    problems.push(`${path}: a file of that name holds one CREATE INDEX CONCURRENTLY and nothing else`)
  if (!alone && stmts.some(({ stmt }) => stmt.IndexStmt?.concurrent))
    problems.push(`${path}: CREATE INDEX CONCURRENTLY cannot run in a transaction: name the file …_concurrently.sql`)
  return problems
}

// The parts of the parser's tree that are looked at; see libpg_query's protobuf/pg_query.proto.
// biome-ignore lint/suspicious/noExplicitAny: a tree of a hundred kinds, of which this reads ten
type Node = Record<string, any>

const nameOf = ({ schemaname, relname }: Node = {}): string => (schemaname ? `${schemaname}.${relname}` : relname)

function complaintsOf(stmt: Node, made: ReadonlySet<string>, contracts: boolean): string[] {
  if (stmt.RenameStmt)
    return ['a name that the release before knows: add the new one, and drop the old in a later release']
  if (stmt.DropStmt) return removal(stmt.DropStmt, contracts)
  if (stmt.VariableSetStmt?.name === 'lock_timeout') return ['the migrator sets lock_timeout']
  if (contracts && !stmt.AlterTableStmt) return ['a contracting migration only takes away']
  if (stmt.IndexStmt && !stmt.IndexStmt.concurrent && !made.has(nameOf(stmt.IndexStmt.relation)))
    return ['CREATE INDEX on a table that is in use: CONCURRENTLY, in a file of its own']
  if (!stmt.AlterTableStmt || made.has(nameOf(stmt.AlterTableStmt.relation))) return []
  return (stmt.AlterTableStmt.cmds ?? []).flatMap(({ AlterTableCmd }: Node) => alteration(AlterTableCmd, contracts))
}

/** Functions, views and triggers are replaced in the transaction that drops them; what holds data, or is relied on by name, is not. */
const HOLDS = /^OBJECT_(TABLE|COLUMN|SCHEMA|TYPE|SEQUENCE)$/
const removal = ({ removeType }: Node, contracts: boolean): string[] =>
  HOLDS.test(removeType) && !contracts
    ? ['the release before needs it: drop it in a later release (…_contract.sql)']
    : []

/** Whether a constraint is checked against every row at once, under a lock that stops everybody. */
const scans = ({ contype, skip_validation }: Node): boolean =>
  /^CONSTR_(CHECK|FOREIGN)$/.test(contype) && !skip_validation

const CONTRACTIONS: Record<string, string> = {
  AT_DropColumn: 'a column',
  AT_SetNotNull: 'NOT NULL',
  AT_DropConstraint: 'a constraint',
}

function alteration({ subtype, def, name }: Node, contracts: boolean): string[] {
  if (subtype === 'AT_AlterColumnType')
    return [`${name}: a new type rewrites the table: add a column, fill it, and drop the old one later`]
  if (subtype in CONTRACTIONS) {
    if (contracts) return []
    return [
      `${name}: ${CONTRACTIONS[subtype]} that the release before does not reckon with: in a later release (…_contract.sql)`,
    ]
  }
  if (contracts) return ['a contracting migration only takes away']
  if (subtype === 'AT_AddConstraint') return constraint(def.Constraint)
  if (subtype === 'AT_AddColumn') return column(def.ColumnDef)
  return []
}

function constraint(one: Node): string[] {
  if (scans(one)) return [`${one.conname}: NOT VALID first, and VALIDATE CONSTRAINT in another migration`]
  if (/^CONSTR_(UNIQUE|PRIMARY|EXCLUSION)$/.test(one.contype) && !one.indexname)
    return [`${one.conname}: build the index CONCURRENTLY first, then ADD CONSTRAINT … USING INDEX`]
  return []
}

function column({ colname, constraints = [] }: Node): string[] {
  const kinds = constraints.map(({ Constraint }: Node) => Constraint.contype)
  if (kinds.includes('CONSTR_NOTNULL') && !kinds.includes('CONSTR_DEFAULT') && !kinds.includes('CONSTR_IDENTITY'))
    return [`${colname}: NOT NULL without a default: the release before does not write it`]
  if (kinds.some((kind: string) => /^CONSTR_(UNIQUE|PRIMARY)$/.test(kind)))
    return [`${colname}: its index is built under a lock: CONCURRENTLY, apart`]
  return []
}

/** The parser counts bytes, and begins a statement where the one before ended. */
function lineAt(sql: string, location: number): number {
  const before = Buffer.from(sql).subarray(0, location).toString()
  const lead = /^(\s|--[^\n]*\n)*/.exec(sql.slice(before.length))?.[0] ?? ''
  return (before + lead).split('\n').length
}

if (import.meta.main) {
  const root = join(import.meta.dirname, '..')
  const files = globSync('{platform,services/*}/{migrations,jobs-migrations}/*.sql', { cwd: root }).sort()
  const found = await Promise.all(files.map((path) => migrationProblems(path, readFileSync(join(root, path), 'utf8'))))
  for (const problem of found.flat()) process.stderr.write(`${problem}\n`)
  if (found.flat().length > 0) process.exitCode = 1
}

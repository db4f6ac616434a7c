/**
 * What turns input into code, a command or a pattern, or takes the protection off a secret. Biome knows the plainest of these; this knows
 * our own ways of doing them.
 *   node scripts/code-security.ts
 */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { shippedFiles, shippedFolders } from '../infra/shipped.ts'

type Rule = (node: ts.Node) => string | undefined

/** Called as `name(…)`, `x.name(…)` or `new name(…)`. */
function calleeOf(node: ts.Node): string | undefined {
  if (!ts.isCallExpression(node) && !ts.isNewExpression(node)) return undefined
  return ts.isPropertyAccessExpression(node.expression) || ts.isIdentifier(node.expression)
    ? node.expression.getText()
    : undefined
}

const firstArgument = (node: ts.Node) =>
  ts.isCallExpression(node) || ts.isNewExpression(node) ? node.arguments?.[0] : undefined

const isFixedText = (node: ts.Node | undefined) =>
  node !== undefined && (ts.isStringLiteralLike(node) || ts.isRegularExpressionLiteral(node))

/** Generated from the database, so nobody's input. */
const isListOfColumns = (node: ts.Node | undefined) => /^columns\.\w+\b/.test(node?.getText() ?? '')

const property = (node: ts.Node, name: string) =>
  ts.isPropertyAssignment(node) && node.name.getText().replace(/['"]/g, '') === name ? node.initializer : undefined

const importsOf = (node: ts.Node, module: RegExp): string[] => {
  if (!ts.isImportDeclaration(node) || !module.test((node.moduleSpecifier as ts.StringLiteral).text)) return []
  const bindings = node.importClause?.namedBindings
  if (!bindings) return ['default']
  return ts.isNamespaceImport(bindings)
    ? ['*']
    : bindings.elements.map(({ name, propertyName }) => (propertyName ?? name).text)
}

const everywhere: Rule[] = [
  (node) => (/^(eval|Function|globalThis\.eval)$/.test(calleeOf(node) ?? '') ? 'text is not run as code' : undefined),
  (node) => (importsOf(node, /^(node:)?vm$/).length > 0 ? 'text is not run as code' : undefined),
  (node) =>
    importsOf(node, /^(node:)?child_process$/).some((name) => /^(exec|execSync|\*|default)$/.test(name))
      ? 'no shell between us and a program: import execFile or spawn'
      : undefined,
  (node) => {
    const shell = property(node, 'shell')
    return shell && shell.kind !== ts.SyntaxKind.FalseKeyword ? 'no shell between us and a program' : undefined
  },
  (node) =>
    property(node, 'rejectUnauthorized')?.kind === ts.SyntaxKind.FalseKeyword ||
    property(node, 'checkServerIdentity') ||
    property(node, 'NODE_TLS_REJECT_UNAUTHORIZED') ||
    (ts.isPropertyAccessExpression(node) && node.name.text === 'NODE_TLS_REJECT_UNAUTHORIZED')
      ? 'certificates are checked'
      : undefined,
]

const shippedOnly: Rule[] = [
  (node) =>
    calleeOf(node) === 'RegExp' && !isFixedText(firstArgument(node))
      ? 'a pattern is written out, not put together: input could make it run for ever'
      : undefined,
  (node) =>
    /(^|\.)sql\.raw$/.test(calleeOf(node) ?? '') &&
    !isFixedText(firstArgument(node)) &&
    !isListOfColumns(firstArgument(node))
      ? 'SQL is written out; values are parameters, names are sql.ref or sql.id'
      : undefined,
  (node) =>
    /(^|\.)create(Hash|Hmac)$/.test(calleeOf(node) ?? '') &&
    /md5|sha1\b|sha-1|ripemd/i.test(firstArgument(node)?.getText() ?? '')
      ? 'a hash that is still sound: SHA-256 or better'
      : undefined,
  (node) =>
    calleeOf(node) === 'Buffer.allocUnsafe' || calleeOf(node) === 'Buffer.allocUnsafeSlow'
      ? 'fresh memory only: what was there before could be sent'
      : undefined,
  (node) =>
    calleeOf(node) === 'Math.random' && !isArithmetic(node.parent)
      ? 'Math.random() can be foretold: it may stretch a delay, never be a name, a key or a choice'
      : undefined,
]

function isArithmetic(node: ts.Node): boolean {
  return ts.isParenthesizedExpression(node) ? isArithmetic(node.parent) : ts.isBinaryExpression(node)
}

const shipped = new RegExp(`^((${shippedFiles.join('|')})$|(${shippedFolders.join('|')})/)`)

export function securityProblems(path: string, text: string): string[] {
  const rules = shipped.test(path) ? [...everywhere, ...shippedOnly] : everywhere
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true)
  const problems: string[] = []
  const visit = (node: ts.Node): void => {
    for (const rule of rules) {
      const problem = rule(node)
      const { line } = file.getLineAndCharacterOfPosition(node.getStart(file))
      if (problem) problems.push(`${path}:${line + 1}: ${problem}`)
    }
    ts.forEachChild(node, visit)
  }
  visit(file)
  return problems
}

if (import.meta.main) {
  const root = join(import.meta.dirname, '..')
  const files = globSync(`{*,{${shippedFolders},scripts,infra}/**/*}.ts`, {
    cwd: root,
    exclude: ['**/*.test.ts'],
  })
  const problems = files.sort().flatMap((path) => securityProblems(path, readFileSync(join(root, path), 'utf8')))
  for (const problem of problems) process.stdout.write(`${problem}\n`)
  if (problems.length > 0 || files.length === 0) process.exitCode = 1
}

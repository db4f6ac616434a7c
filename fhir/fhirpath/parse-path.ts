import type { Expression, Path, Step } from './path.ts'
import { type Token, tokensOf } from './tokens.ts'

/** How far parentheses and criteria may stand in one another. */
const MAX_DEPTH = 20

/** Where an expression stopped making sense; caught in parsePath. */
class NoPath extends Error {}

/**
 * A path in FHIRPath (hl7.org/fhirpath/N1): members, indexes, `where(…)`, `first()`, `last()`, `tail()`, `single()`, `skip(n)`, `take(n)`, `ofType(T)`,
 * `extension(url)` and `$this`; in criteria also `=`, `!=`, `and`, `or`, `xor`, `not()`, `exists(…)`, `empty()`, literals and parentheses.
 * Undefined: it is none, or leads out of the resource (`resolve()`), or is longer than 2,000 characters, or nested more than 20 deep.
 */
export function parsePath(text: string): Path | undefined {
  const tokens = tokensOf(text)
  if (!tokens) return undefined
  try {
    const reader = new Reader(tokens)
    const expression = expressionOf(reader, 0)
    reader.end()
    return expression.kind === 'path' ? expression.path : undefined
  } catch (error) {
    if (error instanceof NoPath) return undefined
    throw error
  }
}

class Reader {
  #at = 0
  readonly #tokens: readonly Token[]

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens
  }

  next(): Token {
    const token = this.#tokens[this.#at]
    if (!token) throw new NoPath()
    return token
  }

  take(kind: Token['kind']): string {
    const token = this.next()
    if (token.kind !== kind) throw new NoPath()
    this.#at++
    return token.text
  }

  /** Takes it if it comes next. */
  accept(kind: Token['kind'], ...texts: string[]): string | undefined {
    const token = this.next()
    if (token.kind !== kind || (texts.length > 0 && !texts.includes(token.text))) return undefined
    this.#at++
    return token.text
  }

  expect(sign: string): void {
    if (this.accept('sign', sign) === undefined) throw new NoPath()
  }

  end(): void {
    this.take('end')
  }
}

/** `or` and `xor` bind least, then `and`, then `=`. */
function expressionOf(reader: Reader, depth: number): Expression {
  if (depth > MAX_DEPTH) throw new NoPath()
  let left = conjunctionOf(reader, depth)
  for (let word = reader.accept('name', 'or', 'xor'); word; word = reader.accept('name', 'or', 'xor'))
    left = { kind: word as 'or' | 'xor', left, right: conjunctionOf(reader, depth) }
  return left
}

function conjunctionOf(reader: Reader, depth: number): Expression {
  let left = equalityOf(reader, depth)
  while (reader.accept('name', 'and')) left = { kind: 'and', left, right: equalityOf(reader, depth) }
  return left
}

function equalityOf(reader: Reader, depth: number): Expression {
  const left = termOf(reader, depth)
  const sign = reader.accept('sign', '=', '!=')
  return sign ? { kind: sign as '=' | '!=', left, right: termOf(reader, depth) } : left
}

function termOf(reader: Reader, depth: number): Expression {
  const text = reader.accept('string')
  if (text !== undefined) return { kind: 'literal', value: text }
  const number = reader.accept('number')
  if (number !== undefined) return { kind: 'literal', value: Number(number) }
  const date = reader.accept('date')
  if (date !== undefined) return { kind: 'literal', value: date.slice(1) }
  const truth = reader.accept('name', 'true', 'false')
  if (truth !== undefined) return { kind: 'literal', value: truth === 'true' }
  if (reader.accept('sign', '(')) {
    const inside = expressionOf(reader, depth + 1)
    reader.expect(')')
    return reader.accept('sign', '.') ? testsAfter(reader, inside, depth) : inside
  }
  const { path, dotted } = stepsOf(reader, depth)
  return dotted ? testsAfter(reader, { kind: 'path', path }, depth) : { kind: 'path', path }
}

const TESTS = ['not', 'exists', 'empty']

/** Steps up to what no longer is a place: `not()`, `exists()`, `empty()`. `dotted`: one of them comes, and the dot before it is read. */
function stepsOf(reader: Reader, depth: number): { path: Path; dotted: boolean } {
  const path: Step[] = [reader.accept('sign', '$this') ? { kind: 'this' } : stepOf(reader, depth)]
  for (;;) {
    if (reader.accept('sign', '[')) {
      path.push({ kind: 'index', index: countOf(reader) })
      reader.expect(']')
    } else if (reader.accept('sign', '.')) {
      if (isTest(reader.next())) return { path, dotted: true }
      path.push(stepOf(reader, depth))
    } else return { path, dotted: false }
  }
}

const isTest = ({ kind, text }: Token) => kind === 'name' && TESTS.includes(text)

/** What follows a dot that is read already. */
function testsAfter(reader: Reader, of: Expression, depth: number): Expression {
  let expression = of
  do {
    if (!isTest(reader.next())) throw new NoPath()
    const kind = reader.take('name') as 'not' | 'exists' | 'empty'
    reader.expect('(')
    const criteria = kind === 'exists' && reader.next().text !== ')' ? expressionOf(reader, depth + 1) : undefined
    reader.expect(')')
    expression = { kind, of: criteria ? narrowed(expression, criteria) : expression }
  } while (reader.accept('sign', '.'))
  return expression
}

/** `exists(criteria)` is `where(criteria).exists()`. */
function narrowed(of: Expression, criteria: Expression): Expression {
  if (of.kind !== 'path') throw new NoPath()
  return { kind: 'path', path: [...of.path, { kind: 'where', criteria }] }
}

function stepOf(reader: Reader, depth: number): Step {
  const name = reader.take('name')
  if (!reader.accept('sign', '(')) return { kind: 'member', name }
  const step = functionOf(name, reader, depth)
  reader.expect(')')
  return step
}

function functionOf(name: string, reader: Reader, depth: number): Step {
  switch (name) {
    case 'where':
      return { kind: name, criteria: expressionOf(reader, depth + 1) }
    case 'first':
    case 'last':
    case 'tail':
    case 'single':
      return { kind: name }
    case 'skip':
    case 'take':
      return { kind: name, count: countOf(reader) }
    case 'extension':
      return { kind: name, url: reader.take('string') }
    case 'ofType':
    case 'as': {
      const type = reader.take('name')
      const named = ['FHIR', 'System'].includes(type) && reader.accept('sign', '.') ? reader.take('name') : type
      return { kind: 'ofType', type: named }
    }
    default:
      throw new NoPath()
  }
}

function countOf(reader: Reader): number {
  const text = reader.take('number')
  if (!/^\d{1,6}$/.test(text)) throw new NoPath()
  return Number(text)
}

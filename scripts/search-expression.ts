/**
 * Reads the FHIRPath that R4's search parameters are written in: a union of paths with `where(name = 'text')`, `where(resolve() is Type)`, `ofType(Type)`, `as`,
 * `[n]`, and `path.exists() and path != false`. Throws on anything else, with the expression, so that nothing is left out unseen.
 */
export interface Path {
  root: string
  calls: Call[]
  /** As it was written. */
  text: string
}

export type Call =
  | { kind: 'element'; name: string }
  | { kind: 'ofType'; type: string }
  | { kind: 'where'; name: string; is: string }
  | { kind: 'refersTo'; type: string }
  | { kind: 'at'; position: number }
  | { kind: 'exists' }
  | { kind: 'truth' }

const TOKEN = /\s*([A-Za-z]\w*|'[^']*'|\d+|!=|[().|=[\]])/y

interface Token {
  text: string
  start: number
  end: number
}

export function parseExpression(expression: string): Path[] {
  const parser = new Parser(expression)
  const paths = parser.union()
  parser.end()
  return paths
}

class Parser {
  private readonly source: string
  private readonly tokens: Token[] = []
  private at = 0

  constructor(source: string) {
    this.source = source
    for (let position = 0; position < source.trimEnd().length; ) {
      TOKEN.lastIndex = position
      const [whole, text = ''] = TOKEN.exec(source) ?? this.refuse()
      position += whole.length
      this.tokens.push({ text, start: position - text.length, end: position })
    }
  }

  union(): Path[] {
    const paths = this.term()
    while (this.take('|')) paths.push(...this.term())
    return paths
  }

  end(): void {
    if (this.at < this.tokens.length) this.refuse()
  }

  private term(): Path[] {
    const start = this.tokens[this.at]?.start ?? 0
    const paths = this.take('(') ? this.group() : [{ root: this.name(), calls: [] as Call[], text: '' }]
    const calls = this.calls()
    if (this.take('and')) return [this.truth(paths, calls)]
    const end = this.tokens[this.at - 1]?.end ?? 0
    const text = this.source.slice(start, end)
    return paths.map((path) => ({
      ...path,
      calls: [...path.calls, ...calls],
      text: paths.length === 1 || calls.length > 0 ? text : path.text,
    }))
  }

  private group(): Path[] {
    const paths = this.union()
    if (this.take('as')) {
      const type = this.name()
      for (const { calls } of paths) calls.push({ kind: 'ofType', type })
    }
    this.demand(')')
    return paths
  }

  /** After `X.exists() and`: `X != false`. */
  private truth([path]: Path[], calls: Call[]): Path {
    const root = this.name()
    const same = this.calls()
    this.demand('!=')
    this.demand('false')
    const before = calls.slice(0, -1)
    const alike = path?.root === root && JSON.stringify(before) === JSON.stringify(same)
    if (!alike || calls.at(-1)?.kind !== 'exists') return this.refuse()
    return { root, calls: [...before, { kind: 'truth' }], text: this.source }
  }

  private calls(): Call[] {
    const calls: Call[] = []
    while (true) {
      if (this.take('[')) {
        calls.push({ kind: 'at', position: Number(this.next()) })
        this.demand(']')
      } else if (this.take('.')) calls.push(this.call())
      else return calls
    }
  }

  private call(): Call {
    const name = this.name()
    if (!this.take('(')) return { kind: 'element', name }
    const call = this.invocation(name)
    this.demand(')')
    return call
  }

  private invocation(name: string): Call {
    if (name === 'exists') return { kind: 'exists' }
    if (name === 'ofType' || name === 'as') return { kind: 'ofType', type: this.name() }
    if (name !== 'where') return this.refuse()
    const element = this.name()
    if (element !== 'resolve') {
      this.demand('=')
      return { kind: 'where', name: element, is: this.next().slice(1, -1) }
    }
    for (const word of ['(', ')', 'is']) this.demand(word)
    return { kind: 'refersTo', type: this.name() }
  }

  private name(): string {
    const text = this.next()
    return /^[A-Za-z]/.test(text) ? text : this.refuse()
  }

  private next(): string {
    return this.tokens[this.at++]?.text ?? this.refuse()
  }

  private take(text: string): boolean {
    const here = this.tokens[this.at]?.text === text
    if (here) this.at++
    return here
  }

  private demand(text: string): void {
    if (!this.take(text)) this.refuse()
  }

  private refuse(): never {
    throw new Error(`an expression that this does not know: ${this.source}`)
  }
}

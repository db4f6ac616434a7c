import { Problem } from '#platform/errors.ts'
import { type Compared, filterOperators, type How } from './filter-operators.ts'
import { filterWords, type Word, wrongAt } from './filter-words.ts'
import { along } from './parse-criterion.ts'
import { type Asked, parseValue } from './parse-value.ts'
import type { Criterion, Filter } from './query.ts'
import type { Reading } from './reading.ts'

/** Parentheses within parentheses. */
const DEEPEST = 20

/** What was read, and what comes next. */
interface Position {
  words: readonly Word[]
  at: number
  end: number
  types: readonly string[]
  reading: Reading
}

/**
 * `_filter` (hl7.org/fhir/R4/search_filter.html) as criteria: `given eq "Anna" and (birthdate ge 1980 or not (gender eq male))`. `and` and `or` go from left to right,
 * neither before the other. Paths with a filter in brackets and `ew` are not supported. Throws Problem `invalid` that says where.
 */
export function parseFilter(types: readonly string[], text: string, reading: Reading): Filter {
  const position: Position = { words: filterWords(text), at: 0, end: text.length + 1, types, reading }
  const filter = expression(position, 0)
  const left = position.words[position.at]
  if (left) throw wrongAt(left.place, 'has something that belongs to nothing before it')
  return filter
}

function expression(position: Position, depth: number): Filter {
  let filter = term(position, depth)
  for (let word = peek(position); word.text === 'and' || word.text === 'or'; word = peek(position)) {
    if (word.kind !== 'word') break
    position.at += 1
    filter = { kind: word.text, left: filter, right: term(position, depth) }
  }
  return filter
}

function term(position: Position, depth: number): Filter {
  const word = peek(position)
  if (depth > DEEPEST) throw wrongAt(word.place, `has more than ${DEEPEST} parentheses within one another`)
  if (word.kind === 'word' && word.text === 'not') {
    position.at += 1
    if (peek(position).kind !== 'open') throw wrongAt(peek(position).place, 'needs a parenthesis behind not')
    return { kind: 'not', of: term(position, depth) }
  }
  if (word.kind !== 'open') return comparison(position)
  position.at += 1
  const filter = expression(position, depth + 1)
  if (peek(position).kind !== 'close') throw wrongAt(peek(position).place, 'needs a closing parenthesis')
  position.at += 1
  return filter
}

/** Behind the last word stands an empty one. */
const peek = ({ words, at, end }: Position): Word => words[at] ?? { kind: 'end', text: '', place: end }

function comparison(position: Position): Filter {
  const path = next(position, 'a parameter')
  const operator = next(position, 'an operator')
  const value = next(position, 'a value')
  if (path.text.includes('['))
    throw wrongAt(path.place, 'has a path with a filter in brackets, which is not supported here')
  if (!Object.hasOwn(filterOperators, operator.text))
    throw wrongAt(operator.place, `needs one of ${Object.keys(filterOperators).join(', ')}`)
  const operation = filterOperators[operator.text as keyof typeof filterOperators]
  return operation((how) => ({ kind: 'criterion', criterion: criterionOf(how, { path, operator, value }, position) }))
}

function next(position: Position, what: string): Word {
  const word = peek(position)
  if (word.kind !== 'word' && word.kind !== 'text') throw wrongAt(word.place, `needs ${what} here`)
  position.at += 1
  return word
}

interface Comparison {
  path: Word
  operator: Word
  value: Word
}

/** Along a chain to the parameter at its end; a part of a filter cannot be passed over, so what is not known is refused. */
function criterionOf(how: How, { path, operator, value }: Comparison, { types, reading }: Position): Criterion {
  const criterion = placed(path, () =>
    along(types, path.text, 0, {
      name: '_filter',
      reading,
      leaf: (parameter, modifier, type) => {
        if (modifier !== undefined) throw wrongAt(path.place, 'has a modifier: here the operator says it')
        const asked = how(parameter.type, value.text)
        if (asked === undefined)
          throw wrongAt(operator.place, `has an operator that a parameter of type ${parameter.type} does not have here`)
        return own(asked, value, { parameter, type, reading })
      },
    }),
  )
  if (criterion === undefined) throw wrongAt(path.place, 'has a parameter that is not known here')
  return criterion
}

/** A value stands alone, so a backslash is one. */
function own(
  { modifier, prefix, text }: Compared,
  value: Word,
  asked: Pick<Asked, 'parameter' | 'type' | 'reading'>,
): Criterion {
  const written = `${prefix ?? ''}${(text ?? value.text).replaceAll('\\', '\\\\')}`
  const parsed = placed(value, () => parseValue('_filter', written, { ...asked, modifier, said: undefined }))
  return { kind: 'own', parameter: asked.parameter, modifier, values: [parsed] }
}

/** What was thrown without its place. */
function placed<T>({ place }: Word, work: () => T): T {
  try {
    return work()
  } catch (error) {
    const detail = error instanceof Problem ? error.errors?.[0]?.detail : undefined
    throw detail === undefined || /\(character \d{1,9}\)$/.test(detail) ? error : wrongAt(place, detail)
  }
}

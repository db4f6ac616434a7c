import { Problem } from '#platform/errors.ts'
import { type Compared, filterOperators, type How } from './filter-operators.ts'
import { filterWords, type Word, wrongAt } from './filter-words.ts'
import { along } from './parse-criterion.ts'
import { type Asked, parseValue } from './parse-value.ts'
import type { Criterion, Filter } from './query.ts'
import type { Reading } from './reading.ts'

/** Parentheses and brackets within one another. */
const DEEPEST = 20

/** What was read, and what comes next. */
interface Position {
  words: readonly Word[]
  at: number
  end: number
  types: readonly string[]
  /** How many references were followed to where a filter in brackets begins. */
  followed: number
  reading: Reading
}

/**
 * `_filter` (hl7.org/fhir/R4/search_filter.html) as criteria: `given eq "Anna" and (birthdate ge 1980 or not (gender eq male))`. `and` and `or` go from left to right,
 * neither before the other. `subject:Patient[active eq true].name sw "A"` asks both of the same patient. Throws Problem `invalid` that says where.
 */
export function parseFilter(types: readonly string[], text: string, reading: Reading): Filter {
  const position: Position = { words: filterWords(text), at: 0, end: text.length + 1, types, followed: 0, reading }
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
  if (depth > DEEPEST) throw wrongAt(word.place, `has more than ${DEEPEST} parentheses or brackets within one another`)
  if (word.kind === 'word' && word.text === 'not') {
    position.at += 1
    if (peek(position).kind !== 'open') throw wrongAt(peek(position).place, 'needs a parenthesis behind not')
    return { kind: 'not', of: term(position, depth) }
  }
  if (word.kind !== 'open') return comparison(position, depth)
  position.at += 1
  const filter = expression(position, depth + 1)
  if (peek(position).kind !== 'close') throw wrongAt(peek(position).place, 'needs a closing parenthesis')
  position.at += 1
  return filter
}

/** Behind the last word stands an empty one. */
const peek = ({ words, at, end }: Position): Word => words[at] ?? { kind: 'end', text: '', place: end }

function comparison(position: Position, depth: number): Filter {
  const path = pathAt(position)
  const operator = next(position, 'an operator')
  const value = next(position, 'a value')
  if (!Object.hasOwn(filterOperators, operator.text))
    throw wrongAt(operator.place, `needs one of ${Object.keys(filterOperators).join(', ')}`)
  const operation = filterOperators[operator.text as keyof typeof filterOperators]
  return operation((how) => ({
    kind: 'criterion',
    criterion: criterionOf(how, { path, operator, value }, position, depth),
  }))
}

function next(position: Position, what: string): Word {
  const word = peek(position)
  if (word.kind !== 'word' && word.kind !== 'text') throw wrongAt(word.place, `needs ${what} here`)
  position.at += 1
  return word
}

interface Path extends Word {
  /** By how much of the path is left behind it: at which word a filter in brackets begins. */
  filters: ReadonlyMap<number, number>
}

/** `subject:Patient[active eq true].name` as `subject:Patient.name`, and where the filter is. */
function pathAt(position: Position): Path {
  const { kind, text, place } = next(position, 'a parameter')
  const path = [text]
  const filters: [part: number, at: number][] = []
  while (peek(position).kind === 'from') {
    filters.push([path.length, position.at + 1])
    passOver(position)
    const rest = next(position, 'a point and a parameter')
    if (!rest.text.startsWith('.')) throw wrongAt(rest.place, 'needs a point and a parameter behind a bracket')
    path.push(rest.text)
  }
  const left = (part: number) => path.slice(part).join('').length - '.'.length
  return { kind, text: path.join(''), place, filters: new Map(filters.map(([part, at]) => [left(part), at])) }
}

/** To behind the bracket that closes this one: what is between is read when it is known what it is about. */
function passOver(position: Position): void {
  let open = 0
  do {
    const { kind, place } = peek(position)
    if (kind === 'end') throw wrongAt(place, 'needs a closing bracket')
    open += kind === 'from' ? 1 : kind === 'to' ? -1 : 0
    position.at += 1
  } while (open > 0)
}

interface Comparison {
  path: Path
  operator: Word
  value: Word
}

/** Along a chain to the parameter at its end; a part of a filter cannot be passed over, so what is not known is refused. */
function criterionOf(how: How, { path, operator, value }: Comparison, position: Position, depth: number): Criterion {
  const { types, followed, reading } = position
  const criterion = placed(path, () =>
    along(types, path.text, followed, {
      name: '_filter',
      reading,
      leaf: (parameter, modifier, type) => {
        if (modifier !== undefined) throw wrongAt(path.place, 'has a modifier: here the operator says it')
        const asked = how(parameter.type, value.text)
        if (asked === undefined)
          throw wrongAt(operator.place, `has an operator that a parameter of type ${parameter.type} does not have here`)
        return own(asked, value, { parameter, type, reading })
      },
      within: (rest, type, followed) =>
        within(path.filters.get(rest.length), { ...position, types: [type], followed }, depth),
    }),
  )
  if (criterion === undefined)
    throw wrongAt(
      path.place,
      followed === 0
        ? 'has a parameter that is not known here'
        : 'has a parameter that not each type has to which the path may lead: say the type, such as subject:Patient[…].name',
    )
  return criterion
}

/** The filter in brackets that begins at a word, as one of the type is asked it. */
function within(at: number | undefined, position: Position, depth: number): Filter | undefined {
  if (at === undefined) return undefined
  const own = { ...position, at }
  const filter = expression(own, depth + 1)
  if (peek(own).kind !== 'to') throw wrongAt(peek(own).place, 'has something that belongs to nothing before it')
  return filter
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

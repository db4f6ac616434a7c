import fc from 'fast-check'
import {
  AMOUNTS,
  CODES,
  DATES,
  IDS,
  NAMES,
  PROFILES,
  SYSTEMS,
  TEXTS,
  TIMES,
  TYPES,
  UNITS,
} from './fhir-queries/resources.ts'

// Searches over what fhir-queries/resources.ts makes, for a property: the store answers as the oracle (fhir-oracle.ts) does.

/** `name=value`, not yet escaped as addresses are. */
type Pair = readonly [name: string, value: string]

const from = <T>(list: readonly T[]) => fc.constantFrom(...list)

/** hl7.org/fhir/R4/search.html#escaping. */
const escaped = (text: string) => text.replace(/[\\,|$]/g, '\\$&')

/** The beginning, the middle or the whole of a text that may be there, in any case. */
const partOf = (texts: readonly string[]) =>
  fc
    .tuple(from(texts), from([0, 0, 0, 1, 2]), from([1, 2, 3, 20]), from(['as', 'upper', 'lower']))
    .map(([whole, start, length, as]) => {
      // Half of a character is none; and a space at an end is cut off by one reader and kept by another.
      const signs = [...whole]
      const part = signs
        .slice(start % signs.length)
        .slice(0, length)
        .join('')
        .trim()
      return escaped(as === 'upper' ? part.toUpperCase() : as === 'lower' ? part.toLowerCase() : part)
    })
    .filter((part) => part !== '')
const text = partOf([...NAMES, ...TEXTS])
const label = partOf(TEXTS)
const exact = from(NAMES).map(escaped)

const token = fc.oneof(
  from(CODES).map(escaped),
  fc.tuple(from(SYSTEMS), from(CODES)).map(([system, code]) => `${system}|${escaped(code)}`),
  from(CODES).map((code) => `|${escaped(code)}`),
  from(SYSTEMS).map((system) => `${system}|`),
)

const prefix = from(['', 'eq', 'ne', 'gt', 'lt', 'ge', 'le', 'sa', 'eb', 'ap'])
const date = fc
  .tuple(prefix, fc.oneof(from(DATES), from(TIMES), from(['2031-01-01T00:00Z'])))
  .map((parts) => parts.join(''))

const number = fc.oneof(from(AMOUNTS).map(String), from(['7e1', '1.0', '70.40', '1e3']))
const quantity = fc
  .tuple(
    prefix,
    number,
    fc.oneof(
      fc.constant(''),
      from([...UNITS, 'a']).map((unit) => `|http://unitsofmeasure.org|${unit}`),
      from(['||points', '||kg', '||boxes', '|urn:units|box']),
    ),
  )
  .map((parts) => parts.join(''))

const reference = (...types: string[]) =>
  fc.oneof(
    fc.tuple(from(types), from([...IDS, 'gone'])).map(([type, id]) => `${type}/${id}`),
    from(IDS),
    fc.tuple(from(types), from(IDS)).map(([type, id]) => `https://care.example/fhir/R4/${type}/${id}`),
    fc.tuple(from(types), from(IDS)).map(([type, id]) => `https://elsewhere.example/${type}/${id}`),
  )

/** One to three values, any of which will do. */
const some = (one: fc.Arbitrary<string>) =>
  fc.array(one, { minLength: 1, maxLength: 3 }).map((values) => values.join(','))

const pair = (name: string, value: fc.Arbitrary<string>): fc.Arbitrary<Pair> => value.map((one) => [name, one])

const missing = (name: string) => pair(`${name}:missing`, from(['true', 'false']))
const strings = (name: string) =>
  fc.oneof(
    pair(name, some(text)),
    pair(`${name}:contains`, some(text)),
    pair(`${name}:exact`, some(exact)),
    missing(name),
  )
const tokens = (name: string, ...words: string[]) => {
  const value = words.length > 0 ? from(words) : token
  return fc.oneof(pair(name, some(value)), pair(`${name}:not`, some(value)), missing(name))
}
const texts = (name: string) => pair(`${name}:text`, some(label))
const concepts = (name: string) => fc.oneof(tokens(name), texts(name))
const identifiers = fc.oneof(
  tokens('identifier'),
  texts('identifier'),
  pair(
    'identifier:of-type',
    fc.tuple(from(SYSTEMS), from(CODES), from(CODES)).map((parts) => parts.map(escaped).join('|')),
  ),
)
const dates = (name: string) =>
  fc.oneof({ weight: 5, arbitrary: pair(name, some(date)) }, { weight: 1, arbitrary: missing(name) })
const quantities = (name: string) =>
  fc.oneof({ weight: 5, arbitrary: pair(name, some(quantity)) }, { weight: 1, arbitrary: missing(name) })
const references = (name: string, ...types: string[]) =>
  fc.oneof(
    pair(name, some(reference(...types))),
    pair(`${name}:${types[0]}`, some(from(IDS))),
    pair(`${name}:identifier`, some(token)),
    missing(name),
  )
const composites = (name: string, of: fc.Arbitrary<string>) =>
  pair(name, some(fc.tuple(token, of).map((parts) => parts.join('$'))))

const uris = (name: string) =>
  fc.oneof(
    pair(name, some(from(PROFILES))),
    pair(`${name}:below`, from([...PROFILES, 'http://p.example'])),
    pair(`${name}:above`, from([...PROFILES, 'http://p.example/a/b/c'])),
    missing(name),
  )

const anyType = fc.oneof(
  pair('_id', some(from(IDS))),
  tokens('_tag'),
  tokens('_security'),
  uris('_profile'),
  uris('_source'),
)

const own: Readonly<Record<string, fc.Arbitrary<Pair>>> = {
  Patient: fc.oneof(
    anyType,
    identifiers,
    strings('name'),
    strings('family'),
    strings('given'),
    strings('address'),
    strings('address-city'),
    dates('birthdate'),
    dates('death-date'),
    tokens('gender', 'male', 'female', 'other'),
    tokens('active', 'true', 'false'),
    pair('deceased', from(['true', 'false'])),
    references('organization', 'Organization'),
    references('general-practitioner', 'Practitioner', 'Organization'),
    references('link', 'Patient'),
  ),
  Practitioner: fc.oneof(
    anyType,
    identifiers,
    strings('name'),
    strings('family'),
    tokens('gender', 'male', 'female'),
    tokens('active', 'true'),
  ),
  Organization: fc.oneof(
    strings('name'),
    concepts('type'),
    references('partof', 'Organization'),
    tokens('active', 'true', 'false'),
  ),
  Encounter: fc.oneof(
    dates('date'),
    concepts('type'),
    tokens('class'),
    tokens('status', 'planned', 'finished'),
    references('subject', 'Patient'),
    references('patient', 'Patient'),
    references('participant', 'Practitioner'),
    references('service-provider', 'Organization'),
    references('part-of', 'Encounter'),
  ),
  Condition: fc.oneof(
    anyType,
    identifiers,
    concepts('code'),
    dates('onset-date'),
    dates('recorded-date'),
    quantities('onset-age'),
    strings('onset-info'),
    references('subject', 'Patient'),
    references('asserter', 'Practitioner', 'Patient'),
    references('encounter', 'Encounter'),
  ),
  Observation: fc.oneof(
    anyType,
    identifiers,
    concepts('code'),
    concepts('category'),
    concepts('combo-code'),
    concepts('value-concept'),
    tokens('status', 'final', 'amended'),
    dates('date'),
    dates('value-date'),
    quantities('value-quantity'),
    quantities('combo-value-quantity'),
    strings('value-string'),
    references('subject', 'Patient'),
    references('patient', 'Patient'),
    references('performer', 'Practitioner', 'Organization'),
    references('encounter', 'Encounter'),
    references('has-member', 'Observation'),
    composites('code-value-quantity', quantity),
    composites('combo-code-value-quantity', quantity),
    composites('code-value-concept', token),
    composites('code-value-date', date),
    composites('code-value-string', label),
  ),
}

const of = (type: string): fc.Arbitrary<Pair> => own[type] ?? anyType
const behind = (path: string, next: fc.Arbitrary<Pair>): fc.Arbitrary<Pair> =>
  next.map(([name, value]) => [`${path}${name}`, value])

/** References followed there and back, some through two. */
const followed: Readonly<Record<string, fc.Arbitrary<Pair>>> = {
  Patient: fc.oneof(
    behind('organization.', of('Organization')),
    behind('organization.partof.', of('Organization')),
    behind('general-practitioner:Practitioner.', of('Practitioner')),
    behind('general-practitioner.', strings('name')),
    behind('_has:Observation:patient:', of('Observation')),
    behind('_has:Encounter:subject:', of('Encounter')),
    behind('_has:Condition:asserter:', of('Condition')),
    behind('_has:Encounter:patient:_has:Observation:encounter:', of('Observation')),
  ),
  Practitioner: fc.oneof(
    behind('_has:Patient:general-practitioner:', of('Patient')),
    behind('_has:Encounter:participant:', of('Encounter')),
  ),
  Organization: fc.oneof(behind('partof.', of('Organization')), behind('_has:Patient:organization:', of('Patient'))),
  Encounter: fc.oneof(
    behind('subject:Patient.', of('Patient')),
    behind('service-provider.', of('Organization')),
    behind('part-of.part-of.', of('Encounter')),
  ),
  Condition: fc.oneof(
    behind('subject:Patient.', of('Patient')),
    behind('encounter.', of('Encounter')),
    behind('encounter.service-provider.', of('Organization')),
  ),
  Observation: fc.oneof(
    behind('subject:Patient.', of('Patient')),
    behind('patient.organization.', of('Organization')),
    behind('performer.', strings('name')),
    behind('has-member:Observation.', of('Observation')),
    behind('subject:Patient._has:Condition:subject:', of('Condition')),
  ),
}

const comparison = (type: string): fc.Arbitrary<string> => {
  const quoted = from(NAMES).map((name) => JSON.stringify(name))
  const order = fc
    .tuple(from(['eq', 'ne', 'gt', 'lt', 'ge', 'le', 'sa', 'eb', 'ap', 'po']), from(DATES))
    .map((parts) => parts.join(' '))
  const name = fc
    .tuple(from(['eq', 'ne', 'co', 'sw', 'ew', 'ew']), fc.oneof(quoted, from(['"z"', '"EZ"', '"cruz"', '"é"'])))
    .map((parts) => parts.join(' '))
  if (type === 'Observation' || type === 'Condition')
    return fc.oneof(
      from(CODES).map((code) => `code eq ${JSON.stringify(escaped(code))}`),
      order.map((one) => `${type === 'Observation' ? 'date' : 'onset-date'} ${one}`),
      from(IDS).map((id) => `subject re Patient/${id}`),
      from(['code pr true', 'subject pr false', 'encounter pr false']),
      name.map((one) => `subject:Patient.name ${one}`),
      fc
        .tuple(name, order, from(['birthdate', 'name', 'organization[active eq true].name']))
        .map(([one, when, path]) =>
          path === 'birthdate'
            ? `subject:Patient[name ${one}].birthdate ${when}`
            : `subject:Patient[birthdate ${when} or gender eq male].${path} ${one}`,
        ),
      name.map((one) => `encounter:Encounter[subject:Patient[name ${one}].gender pr true].status eq finished`),
    )
  if (type === 'Patient')
    return fc.oneof(
      name.map((one) => `name ${one}`),
      order.map((one) => `birthdate ${one}`),
      from(['gender eq male', 'active ne true', 'name pr false']),
      name.map((one) => `organization[not (name ${one})].active eq true`),
      from(CODES).map(
        (code) =>
          `_has:Observation:patient:encounter:Encounter[status eq planned].type eq ${JSON.stringify(escaped(code))}`,
      ),
    )
  if (type === 'Encounter')
    return fc.oneof(
      order.map((one) => `date ${one}`),
      from(['status eq planned', 'subject pr true']),
    )
  return name.map((one) => `name ${one}`)
}

const filter = (type: string): fc.Arbitrary<Pair> =>
  pair(
    '_filter',
    fc
      .array(fc.tuple(comparison(type), from(['and', 'or']), fc.boolean()), { minLength: 1, maxLength: 3 })
      .map((parts) =>
        parts.map(([one, word, not], i) => `${i === 0 ? '' : ` ${word} `}${not ? `not (${one})` : one}`).join(''),
      ),
  )

const SORTED: Readonly<Record<string, readonly string[]>> = {
  Patient: ['family', 'birthdate', 'gender', '_id', 'organization'],
  Practitioner: ['family', 'gender', '_id'],
  Organization: ['name', '_id'],
  Encounter: ['date', 'status', 'subject', '_id'],
  Condition: ['onset-date', 'recorded-date', '_id'],
  Observation: ['date', 'code', 'value-quantity', 'status', '_id'],
}

const sort = (type: string): fc.Arbitrary<Pair> =>
  pair(
    '_sort',
    fc
      .uniqueArray(fc.tuple(from(['', '-']), from(SORTED[type] ?? ['_id'])), {
        selector: ([, code]) => code,
        minLength: 1,
        maxLength: 3,
      })
      .map((parts) => parts.map((part) => part.join('')).join(',')),
  )

const include = from([
  ['_include', 'Observation:subject'],
  ['_include', 'Observation:*'],
  ['_include:iterate', 'Patient:organization'],
  ['_include:iterate', 'Organization:partof'],
  ['_include', 'Observation:performer:Practitioner'],
  ['_revinclude', 'Observation:subject'],
  ['_revinclude', 'Encounter:*'],
  ['_revinclude:iterate', 'Observation:has-member'],
] as const satisfies Pair[])

/** One criterion more often than two, for two seldom find something together. */
const criteria = (type: string): fc.Arbitrary<readonly Pair[]> => {
  const [first, next] = [of(type), followed[type] ?? anyType]
  return fc.oneof(
    { weight: 1, arbitrary: fc.constant([]) },
    { weight: 6, arbitrary: fc.tuple(first) },
    { weight: 2, arbitrary: fc.tuple(first, first) },
    { weight: 3, arbitrary: fc.tuple(next) },
    { weight: 1, arbitrary: fc.tuple(first, next) },
    { weight: 3, arbitrary: fc.tuple(filter(type)) },
    { weight: 1, arbitrary: fc.tuple(first, filter(type)) },
  )
}

const few = (one: fc.Arbitrary<Pair>, most: number) => fc.array(one, { maxLength: most })

/** `Patient?name=…&_sort=…`, as an address has it: criteria of its own, a chain, a filter, an order and includes. */
export const searches: fc.Arbitrary<string> = from(TYPES).chain((type) =>
  fc
    .tuple(criteria(type), few(sort(type), 1), few(include, 2))
    .map((parts) => parts.flat().map(([name, value]): [string, string] => [name, value]))
    .map((pairs) => `${type}?${new URLSearchParams(pairs)}`),
)

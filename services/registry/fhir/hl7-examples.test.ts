import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { parseExact } from '#fhir/decimal.ts'
import type { Resource } from '#fhir/resource.ts'
import { validate } from '#fhir/validate.ts'
import { newId } from '#platform/ids.ts'
import { everything } from '#services.ts'
import { isSealed } from '../projection/numbers.ts'
import { openRegistry } from '../testing.ts'

// HL7's own examples of R4 4.0.1 (the package hl7.fhir.r4.examples, CC0) of what registry keeps: all that they say comes out again, beside what the house says.

const folder = fileURLToPath(new URL('./', import.meta.resolve('hl7.fhir.r4.examples/package.json')))
const TYPES = ['Organization', 'Location', 'Practitioner', 'Patient']

/** Kinds of places, where nobody can go. */
const REFUSED = ['Location-amb', 'Location-ph', 'Location-ukp']

async function examples(): Promise<[name: string, resource: Resource][]> {
  const files = (await readdir(folder)).filter((name) => TYPES.includes(name.split('-')[0] ?? ''))
  const read = async (file: string) =>
    [file.replace('.json', ''), parseExact(await readFile(`${folder}/${file}`, 'utf8')) as Resource] as const
  return Promise.all(
    files
      .filter((name) => name.endsWith('.json'))
      .sort()
      .map(async (one) => [...(await read(one))]),
  )
}

type Elements = Record<string, unknown>
const ZONE = { url: 'http://hl7.org/fhir/StructureDefinition/timezone', valueCode: 'Africa/Accra' }

/** With what the house cannot do without, where they do not say it, and without what it takes by /v1 alone. */
function asTaken(sent: Resource, organisation: string): Elements & { resourceType: string } {
  const { identifier = [], qualification: _, ...rest } = sent as Resource & { identifier?: object[] }
  const kept = identifier.filter((one) => !isSealed(one))
  const whole: Elements & { resourceType: string } = {
    ...rest,
    id: newId(),
    ...(kept.length > 0 && { identifier: kept }),
  }
  const at = { managingOrganization: { reference: `Organization/${organisation}` } }
  const zone = { extension: [...((sent.extension as object[]) ?? []), ZONE] }
  const town = (given: Elements = {}) => ({ ...given, city: given.city ?? 'Port Selam', country: 'GH' })
  if (sent.resourceType === 'Organization') return { ...whole, address: [town((sent.address as Elements[])?.[0])] }
  if (sent.resourceType === 'Location') {
    const position = sent.position ?? { longitude: -0.2, latitude: 5.55 }
    const address = { line: ['1 Quay Road'], ...town(sent.address as Elements) }
    return { ...whole, ...zone, position, address, ...(sent.managingOrganization !== undefined && at) }
  }
  if (sent.resourceType !== 'Patient') return whole
  const [first, ...others] = (sent.name as Elements[]) ?? [{}]
  const isNamed = [first?.text, first?.family, first?.given].some((one) => one !== undefined)
  const birthDate = String(sent.birthDate ?? '').length === 10 ? sent.birthDate : '2030-01-01'
  return { ...whole, ...zone, ...at, birthDate, name: isNamed ? sent.name : [{ ...first, text: 'Unnamed' }, ...others] }
}

/** Of what the house says too: without what it adds. */
const MINE = 'http://openhcs.test/v1/'
const others = (list: unknown) =>
  (list as { system?: string; value?: string }[]).filter(
    ({ system = '', value = '' }) => !system.startsWith(MINE) && !value.startsWith(MINE),
  )

describe('the examples of R4 of people, organisations and places', () => {
  it('come out with all that they said', async () => {
    const registry = await openRegistry({ RATE_LIMIT_PER_MINUTE: '100000' }, everything)
    const { house } = registry
    const administrator = await registry.administrator()
    const trust = { resourceType: 'Organization', name: 'HHT', address: [{ city: 'Port Selam', country: 'GH' }] }
    const { body: made } = await administrator.post('/fhir/R4/Organization', trust)
    const desk = await house.signedIn({ desk: { organisation: made.id, function: 'desk' } })
    const refused: string[] = []
    let taken = 0
    for (const [name, example] of await examples()) {
      const sent = asTaken(example, made.id)
      const { resourceType: type, id } = sent
      const who = type === 'Organization' || type === 'Location' ? administrator : desk
      const { payload, statusCode } = await house.app.inject({
        ...{ method: 'PUT', url: `/fhir/R4/${type}/${id}`, payload: JSON.stringify(sent) },
        headers: { authorization: `Bearer ${who.token}`, 'content-type': 'application/fhir+json' },
      })
      if (statusCode !== 201) {
        refused.push(name)
        continue
      }
      const answer = parseExact(payload) as Resource
      assert.deepEqual(validate(answer), [], name)
      for (const [element, value] of Object.entries(sent)) {
        if (element === 'meta') continue
        const told = ['identifier', 'telecom'].includes(element) ? others(answer[element]) : answer[element]
        assert.equal(JSON.stringify(told), JSON.stringify(value), `${name}.${element}`)
      }
      taken++
    }
    assert.deepEqual(refused, REFUSED)
    assert.ok(taken > 50, String(taken))
  })
})

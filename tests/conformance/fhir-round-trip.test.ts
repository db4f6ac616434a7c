import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseExact } from '#fhir/decimal.ts'
import type { Resource } from '#fhir/resource.ts'
import { definitionOf, jsonName } from '#fhir/types/definitions.ts'
import { validate } from '#fhir/validate.ts'
import { recordTypes } from '#platform/access.ts'
import { openTestHouse, type TestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { wordsAbout } from '../about-patient.ts'
import { schemaAccepts } from '../fhir-r4.ts'
import { leastResource, leastValue } from '../least-resource.ts'
import { openWard, pulse } from '../ward.ts'

const open = () => openTestHouse(everything, { env: { RATE_LIMIT_PER_MINUTE: '1000000' } })

/** What the store gives, and what is about the whole: not of the type. */
const OWN = ['id', 'meta']

interface Member {
  json: string
  value: unknown
  /** What cannot be there beside it, and what must be. */
  instead: readonly string[]
  beside: object
}

const quantity = (code: string) => ({ value: 1.5, unit: code, system: 'http://unitsofmeasure.org', code })

/** Where rules about several elements ask for more than the least. */
const values: Readonly<Record<string, unknown>> = {
  Age: quantity('a'),
  Ratio: { numerator: quantity('mg'), denominator: quantity('mL') },
}
const RESOLVED = { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-clinical', code: 'resolved' }] }

function besideOf(type: string, name: string): object {
  if (name === 'contained')
    return { extension: [{ url: 'https://openhcs.example/a', valueReference: { reference: '#a-1' } }] }
  if (type === 'Bundle' && name === 'total') return { type: 'searchset' }
  return type === 'Condition' && name === 'abatement' ? { clinicalStatus: RESOLVED } : {}
}

/** Every element at the top of a type, in each of its types. */
function membersOf(type: string): Member[] {
  return (definitionOf(type)?.elements ?? []).flatMap((element) =>
    element.types.map((of) => {
      const one = values[of] ?? leastValue(element, of)
      const instead = element.types.map((other) => jsonName(element, other))
      return {
        json: jsonName(element, of),
        value: element.max > 1 ? [one] : one,
        instead: element.isChoice ? instead : [],
        beside: besideOf(type, element.name),
      }
    }),
  )
}

/** As few resources as have them all between them; what has no place in any is left over. */
function withAllElements(type: string, patient: string): { resources: Resource[]; left: string[] } {
  const subject = wordsAbout(type, patient)
  const least: Resource = { ...leastResource(type), ...subject }
  const resources = [least]
  const left: string[] = []
  for (const member of membersOf(type)) {
    const { json } = member
    if (OWN.includes(json) || json in subject || resources.some((one) => json in one)) continue
    const at = resources.findIndex((one) => isValid({ ...one, ...member.beside, [json]: member.value }))
    const begun = alone(least, member)
    if (at >= 0) resources[at] = { ...(resources[at] as Resource), ...member.beside, [json]: member.value }
    else if (isValid(begun)) resources.push(begun)
    else left.push(json)
  }
  return { resources, left }
}

const isValid = (resource: Resource) => validate(resource).length === 0

function alone(least: Resource, { json, value, instead, beside }: Member): Resource {
  const others = Object.entries(least).filter(([name]) => !instead.includes(name))
  return { ...(Object.fromEntries(others) as Resource), ...beside, [json]: value }
}

/** Every decimal in it with a zero at its end, which says how well it was measured. */
const asSent = (resource: object) => JSON.stringify(resource).replaceAll(/:1\.5(?=[,}])/g, ':1.50')

/** Without what the store gives: the same text where nothing was lost, and in the same order. */
function rest(text: string): string {
  const { id: _id, meta: _meta, ...others } = parseExact(text) as Resource
  return JSON.stringify(others)
}

async function send(
  { app }: TestHouse,
  { token }: { token: string },
  method: 'GET' | 'POST' | 'PATCH' | 'PUT',
  url: string,
  { payload, type = 'application/fhir+json' }: { payload?: string; type?: string } = {},
): Promise<{ status: number; text: string }> {
  const headers = {
    authorization: `Bearer ${token}`,
    accept: 'application/fhir+json',
    ...(payload !== undefined && { 'content-type': type }),
  }
  const { statusCode, payload: text } = await app.inject({
    ...{ method, url, headers },
    ...(payload !== undefined && { payload }),
  })
  return { status: statusCode, text }
}

describe('a resource with every element of its type', () => {
  it('comes out as it went in, but for id and meta, and is what HL7’s schema accepts', async () => {
    await using house = await open()
    const { doctor, patient } = await openWard(house)
    const never: string[] = []
    for (const type of recordTypes) {
      const { resources, left } = withAllElements(type, patient.patient)
      never.push(...left.map((name) => `${type}.${name}`))
      for (const resource of resources) {
        const payload = asSent(resource)
        const made = await send(house, doctor, 'POST', `/fhir/R4/${type}`, { payload })
        assert.equal(made.status, 201, `${made.text} ${payload}`)
        const { id } = JSON.parse(made.text) as { id: string }
        const { text } = await send(house, patient, 'GET', `/fhir/R4/${type}/${id}`)
        assert.equal(rest(text), rest(payload))
        assert.equal(text, made.text)
        assert.ok(schemaAccepts(JSON.parse(text)), text)
      }
    }
    assert.deepEqual(never, [])
  })
})

/** As R4's data types have it: at least 18 digits, and the zeros at the end. */
const NUMBERS = [
  '1.00',
  '1e-22',
  '0.0000001',
  '-0.0',
  '1E3',
  '9007199254740993',
  '123456789012345678',
  '0.1234567890123456789',
  '70.10',
]

describe('a decimal', () => {
  it('keeps its digits, zeros and exponent through create, read, search, history, update, patch and transaction', async () => {
    await using house = await open()
    const { doctor, patient } = await openWard(house)
    for (const number of NUMBERS) {
      const { valueQuantity, ...others } = pulse(patient.patient)
      const payload = JSON.stringify({ ...others, valueQuantity }).replace(':72,', `:${number},`)
      const shows = async (answer: Promise<{ status: number; text: string }>, note = '1.00') => {
        const { status, text } = await answer
        assert.ok(status < 300, text)
        assert.ok(text.includes(`"value":${number},`), `${number} in ${text}`)
        if (text.includes('note')) assert.ok(text.includes(`"valueDecimal":${note}`), text)
        return text
      }
      const made = await shows(send(house, doctor, 'POST', '/fhir/R4/Observation', { payload }))
      const { id } = JSON.parse(made) as { id: string }
      const url = `/fhir/R4/Observation/${id}`
      await shows(send(house, doctor, 'GET', url))
      await shows(send(house, doctor, 'GET', `/fhir/R4/Observation?_id=${id}&_elements=value`))
      await shows(send(house, doctor, 'PUT', url, { payload: made.replace('final', 'amended') }))
      await shows(send(house, doctor, 'GET', `${url}/_history`))
      await shows(
        send(house, doctor, 'PATCH', url, {
          payload: `[{"op":"add","path":"/extension","value":[{"url":"https://openhcs.example/a","valueDecimal":1.00}]},
            {"op":"test","path":"/valueQuantity/value","value":${number}}]`,
          type: 'application/json-patch+json',
        }),
      )
      await shows(
        send(house, doctor, 'PATCH', url, {
          payload: `{"resourceType":"Parameters","parameter":[{"name":"operation","part":[{"name":"type","valueCode":"replace"},
            {"name":"path","valueString":"Observation.extension.value"},{"name":"value","valueDecimal":2.50}]}]}`,
        }),
        '2.50',
      )
      const entry = `{"resource":${payload},"request":{"method":"POST","url":"Observation"}},{"request":{"method":"GET","url":"Observation/${id}"}}`
      await shows(
        send(house, doctor, 'POST', '/fhir/R4', {
          payload: `{"resourceType":"Bundle","type":"transaction","entry":[${entry}]}`,
        }),
      )
    }
    const found = await doctor.get('/fhir/R4/Observation?value-quantity=70.10&_total=accurate')
    assert.equal(found.body.total, 2, 'it is found by what it counts as')
  })

  it('is refused where it is none: too long, too large, or written where a whole number is wanted', async () => {
    await using house = await open()
    const { doctor, patient } = await openWard(house)
    const { valueQuantity, ...others } = pulse(patient.patient)
    const sent = (text: string) =>
      send(house, doctor, 'POST', '/fhir/R4/Observation', { payload: text }).then(({ status }) => status)
    const withValue = (number: string) => JSON.stringify({ ...others, valueQuantity }).replace(':72,', `:${number},`)
    assert.equal(await sent(withValue('1e400')), 400)
    assert.equal(await sent(withValue(`0.${'1'.repeat(80)}0`)), 400)
    assert.equal(await sent(withValue('1.00.0')), 400)
    for (const whole of ['1.0', '1e2', '-0', '1.50'])
      assert.equal(await sent(JSON.stringify({ ...others, valueInteger: 7 }).replace(':7}', `:${whole}}`)), 400, whole)
    for (const wrong of ['status', 'subject', 'code', 'extension'])
      assert.equal(await sent(JSON.stringify({ ...others, [wrong]: 7 }).replace(':7', ':1.00')), 400, wrong)
  })
})

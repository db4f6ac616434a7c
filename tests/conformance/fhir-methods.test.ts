import assert from 'node:assert/strict'
import { request as ask } from 'node:http'
import { after, describe, it } from 'node:test'
import { openTestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { checked } from '../fhir-r4.ts'
import { openWard, pulse } from '../ward.ts'

type Method = 'GET' | 'HEAD' | 'OPTIONS' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

describe('/fhir/R4', async () => {
  const house = await openTestHouse(everything)
  after(() => house[Symbol.asyncDispose]())
  const { doctor, patient } = await openWard(house)
  const { id } = (await doctor.post('/fhir/R4/Observation', pulse(patient.patient))).body
  const send = (method: Method, url: string, headers: Record<string, string> = {}, payload?: string) =>
    house.app.inject({
      ...{ method, url: `/fhir/R4${url}` },
      headers: { authorization: `Bearer ${doctor.token}`, ...headers },
      ...(payload !== undefined && { payload }),
    })
  const one = `/Observation/${id}`

  it('answers HEAD as GET, without the body, wherever there is a GET', async () => {
    await house.app.listen({ host: '127.0.0.1', port: 0 })
    const { port } = house.app.server.address() as { port: number }
    const places = [
      ...[one, `${one}/_history/1`, `${one}/_history`, '/Observation', '/Observation/_history', '/_history'],
      ...['?_type=Observation', `/Patient/${patient.patient}/Observation`, `/Patient/${patient.patient}/$everything`],
      `/Patient/${patient.patient}/$summary`,
      ...['/metadata', '/OperationDefinition/Patient-everything', '/Slot?schedule=Schedule/1', '/Observation/none'],
      ...[`${one}/$meta`, '/Observation?code=', '/Nothing'],
    ]
    const changing = /<traceId>|"[0-9a-f]{8}-[0-9a-f-]{27}"/g
    for (const place of places) {
      const read = await send('GET', place)
      const { status, headers, body } = await new Promise<{
        status: number | undefined
        headers: Record<string, unknown>
        body: string
      }>((resolve, reject) => {
        const asked = ask(
          {
            ...{ port, host: '127.0.0.1', method: 'HEAD', path: `/fhir/R4${place}` },
            headers: { authorization: `Bearer ${doctor.token}` },
          },
          (answer) => {
            let body = ''
            answer.on('data', (part) => {
              body += part
            })
            answer.on('end', () => resolve({ status: answer.statusCode, headers: answer.headers, body }))
          },
        )
        asked.on('error', reject).end()
      })
      assert.deepEqual([status, body], [read.statusCode, ''], place)
      for (const name of ['etag', 'last-modified', 'content-type', 'content-length'])
        assert.equal(headers[name], read.headers[name], `${place} ${name} ${read.body.replaceAll(changing, '')}`)
    }
  })

  it('answers HEAD with 304 for what is known', async () => {
    const { statusCode, headers } = await send('HEAD', one, { 'if-none-match': 'W/"1"' })
    assert.deepEqual([statusCode, headers.etag], [304, 'W/"1"'])
  })

  it('refuses a method that an address does not have, and says which it has', async () => {
    const refused: [Method, string, string][] = [
      ['POST', one, 'GET, HEAD, PUT, PATCH, DELETE, OPTIONS'],
      ['PUT', '/Observation/_history', 'GET, HEAD, OPTIONS'],
      ['DELETE', `${one}/_history/1`, 'GET, HEAD, OPTIONS'],
      ['DELETE', '', 'GET, HEAD, POST, OPTIONS'],
      ['PUT', '/Observation/$lastn', 'GET, HEAD, POST, OPTIONS'],
      ['GET', '/Observation/_search', 'POST, OPTIONS'],
      ['GET', `${one}/$meta-add`, 'POST, OPTIONS'],
      ['PATCH', '/metadata', 'GET, HEAD, OPTIONS'],
      ['POST', '/Slot', 'GET, HEAD, OPTIONS'],
      ['DELETE', '/Slot/1', 'GET, HEAD, OPTIONS'],
      ['GET', '/Appointment/$book', 'POST, OPTIONS'],
    ]
    for (const [method, url, allow] of refused) {
      const answer = await send(method, url, { 'content-type': 'text/nonsense' }, method === 'GET' ? undefined : '{')
      assert.deepEqual([answer.statusCode, answer.headers.allow], [405, allow], `${method} ${url} ${answer.body}`)
      checked(answer.json())
    }
  })

  it('tells its methods by OPTIONS, and answers a browser that asks first', async () => {
    for (const [url, allow] of [
      [one, 'GET, HEAD, PUT, PATCH, DELETE, OPTIONS'],
      ['/Observation', 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS'],
      ['', 'GET, HEAD, POST, OPTIONS'],
    ] as const) {
      const { statusCode, headers, body } = await send('OPTIONS', url)
      assert.deepEqual([statusCode, headers.allow, body], [204, allow, ''])
    }
    const { statusCode, headers } = await send('OPTIONS', one, {
      ...{ origin: 'https://app.example', 'access-control-request-method': 'PUT' },
    })
    assert.equal(statusCode, 204)
    assert.match(String(headers['access-control-allow-methods']), /PUT/)
    assert.equal(headers['access-control-allow-origin'], undefined, 'no origin is permitted unless an operator says so')
  })

  it('refuses what it cannot give and what it cannot read, as an OperationOutcome', async () => {
    const xml = 'application/fhir+xml'
    for (const [status, answer] of [
      [406, await send('GET', one, { accept: xml })],
      [406, await send('GET', `${one}?_format=xml`)],
      [406, await send('GET', '/metadata', { accept: xml })],
      [406, await send('GET', '/metadata?_format=xml')],
      [406, await send('GET', '/OperationDefinition/Patient-everything', { accept: xml })],
      [406, await send('GET', '/Slot?schedule=Schedule/1', { accept: xml })],
      [406, await send('POST', '/Appointment/$find?_format=ttl', { 'content-type': 'application/json' }, '{}')],
      [415, await send('POST', '/Observation', { 'content-type': xml }, '<Observation/>')],
      [415, await send('PATCH', one, { 'content-type': 'application/xml-patch+xml' }, '<diff/>')],
      [415, await send('POST', '/Observation', { 'content-type': 'application/fhir+json; fhirVersion=5.0' }, '{}')],
      [415, await send('POST', '/Appointment/$find', { 'content-type': 'application/json; fhirVersion=3.0' }, '{}')],
      [415, await send('POST', '/Observation/_search', { 'content-type': 'application/json' }, '{"code":"8867-4"}')],
      [400, await send('GET', '/Observation?_content=fever')],
      [400, await send('GET', '/Observation?_text=fever')],
    ] as const) {
      assert.equal(answer.statusCode, status, answer.body)
      assert.match(String(answer.headers['content-type']), /^application\/fhir\+json/)
      checked(answer.json())
    }
  })
})

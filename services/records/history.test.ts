import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { type Answer, openTestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { openWard, pulse } from '../../tests/ward.ts'

type Entry = { resource?: { id: string; meta: { versionId: string } }; request: { method: string; url: string } }

/** `PUT 2`, or `DELETE`: which versions of which methods are in it. */
const versions = ({ status, body }: Answer): string[] => {
  assert.equal(status, 200, JSON.stringify(body))
  return (body.entry ?? []).map(({ request, resource }: Entry) =>
    [request.method, resource?.meta.versionId].join(' ').trim(),
  )
}

describe('/fhir/R4/_history, of one resource, of a type and of all types', async () => {
  const house = await openTestHouse(everything)
  after(() => house[Symbol.asyncDispose]())
  const { doctor, patient } = await openWard(house)
  const at = (day: string) => house.setNow(`2031-${day}T09:00:00Z`)
  at('03-10')
  const { id } = (await doctor.post('/fhir/R4/Observation', pulse(patient.patient))).body
  const one = `/fhir/R4/Observation/${id}`
  at('03-20')
  await doctor.put(one, pulse(patient.patient, { id, status: 'amended' }))
  at('04-10')
  await doctor.put(one, pulse(patient.patient, { id, status: 'corrected' }))
  at('05-10')
  await doctor.delete(one)
  const levels = [`${one}/_history`, '/fhir/R4/Observation/_history', '/fhir/R4/_history']
  const each = async (query: string, expected: readonly string[]) => {
    for (const level of levels)
      assert.deepEqual(versions(await doctor.get(`${level}?${query}`)), expected, `${level}?${query}`)
  }

  it('is what was written, newest first, and what came at a time or later', async () => {
    await each('', ['DELETE', 'PUT 3', 'PUT 2', 'POST 1'])
    await each('_since=2031-03-20T09:00:00Z', ['DELETE', 'PUT 3', 'PUT 2'])
    await each('_since=2031-03-20T10:00:00.001%2B01:00', ['DELETE', 'PUT 3'])
    await each('_since=2031-06-01T00:00:00Z', [])
  })

  it('is what was current at an instant, or at some point of a day, a month or a year', async () => {
    for (const [when, expected] of [
      ['2031-03-10T08:59:59Z', []],
      ['2031-03-10T09:00:00Z', ['POST 1']],
      ['2031-03-20T09:00:00Z', ['PUT 2']],
      ['2031-04-01T12:00:00%2B02:00', ['PUT 2']],
      ['2031-03-09', []],
      ['2031-03-10', ['POST 1']],
      ['2031-03-20', ['PUT 2', 'POST 1']],
      ['2031-03', ['PUT 2', 'POST 1']],
      ['2031-04', ['PUT 3', 'PUT 2']],
      ['2031', ['DELETE', 'PUT 3', 'PUT 2', 'POST 1']],
      ['2032', ['DELETE']],
      ['2030', []],
    ] as const)
      await each(`_at=${when}`, expected)
  })

  it('comes page by page', async () => {
    for (const level of levels) {
      const seen: string[] = []
      for (let url: string | undefined = `${level}?_count=3&_at=2031`; url !== undefined; ) {
        const page: Answer = await doctor.get(url)
        seen.push(...versions(page))
        const next = page.body.link.find(({ relation }: { relation: string }) => relation === 'next')
        url = next?.url.replace('http://openhcs.test', '')
      }
      assert.deepEqual(seen, ['DELETE', 'PUT 3', 'PUT 2', 'POST 1'], level)
    }
  })

  it('refuses a time without an offset, and a date that there is not', async () => {
    for (const query of [
      '_since=2031-03-10',
      '_since=2031-03-10T09:00',
      '_since=x',
      '_at=2031-02-30',
      '_at=ge2031',
      '_at=',
    ])
      for (const level of levels) assert.equal((await doctor.get(`${level}?${query}`)).status, 400, query)
  })
})

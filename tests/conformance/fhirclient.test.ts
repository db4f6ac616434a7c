import assert from 'node:assert/strict'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { describe, it } from 'node:test'
import smart from 'fhirclient'
import { Browser, callback, openWithApp } from '../../services/identity/oauth/testing.ts'
import { anotherWhoTreats, pulse } from '../ward.ts'

/** What fhirclient keeps between a launch and its end: in an app of its own, the session. */
class Session {
  readonly #kept = new Map<string, unknown>()
  get = async (key: string) => this.#kept.get(key)
  set = async (key: string, value: unknown) => {
    this.#kept.set(key, value)
    return value
  }
  unset = async (key: string) => this.#kept.delete(key)
}

/** The app's server, as far as the library sees of it: where the browser is, and where it is sent. */
function visit(url: string, session: Session) {
  let sentTo = ''
  const { host, pathname, search } = new URL(url)
  const request = { url: pathname + search, headers: { host }, socket: {} } as unknown as IncomingMessage
  const response = { writeHead: (_: number, { location }: { location: string }) => (sentTo = location), end() {} }
  const app = smart(request, response as unknown as ServerResponse, session as never)
  return { app, sentTo: () => sentTo }
}

describe('fhirclient, as a SMART app that is launched by itself', () => {
  it('signs in, chooses the patient, reads page after page, and resolves references', async () => {
    const { house, issuer, register, mother } = await openWithApp({ RATE_LIMIT_PER_MINUTE: '10000' })
    const doctor = await anotherWhoTreats(house, mother)
    const visitOfHers = {
      ...{ resourceType: 'Encounter', status: 'finished', subject: { reference: `Patient/${mother}` } },
      class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' },
    }
    const { id: encounter } = (await doctor.post('/fhir/R4/Encounter', visitOfHers)).body
    for (let n = 0; n < 5; n++)
      await doctor.post('/fhir/R4/Observation', pulse(mother, { encounter: { reference: `Encounter/${encounter}` } }))

    const scope = 'launch/patient patient/Observation.rs patient/Encounter.rs'
    const { id: clientId } = await register({ scope })
    const session = new Session()
    const launch = visit(new URL('/launch', callback).href, session)
    await launch.app.authorize({ clientId, scope, redirectUri: callback, iss: `${issuer}/fhir/R4` })
    const back = await new Browser().authorize(launch.sentTo(), mother)
    const client = await visit(back.href, session).app.ready()

    assert.equal(client.patient.id, mother)
    const found = await client.request(
      { url: `Observation?patient=${mother}&_count=2` },
      { pageLimit: 0, flat: true, resolveReferences: 'encounter' },
    )
    assert.deepEqual(
      found.map((one: { encounter: { id: string; resourceType: string } }) => [
        one.encounter.resourceType,
        one.encounter.id,
      ]),
      Array.from({ length: 5 }, () => ['Encounter', encounter]),
    )
    await assert.rejects(
      client.request(`Condition?patient=${mother}`),
      ({ status }: { status: number }) => status === 403,
    )
  })
})

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import pg from 'pg'
import { subscription } from '../../services/records/notices/testing.ts'
import { Listener } from '../../services/records/websocket/testing.ts'
import { startForeignSystem } from '../foreign-system.ts'
import { forms, inWords, startHouse } from '../processes.ts'
import { pulse, seatWard } from '../ward.ts'
import { eventually } from './people.ts'

// Somebody is told of what is written: by rest-hook and by websocket, through any process.

for (const form of forms)
  describe(`Subscriptions ${inWords[form]}`, () => {
    it('tell of what is written, whichever process is asked and listened to', async () => {
      await using foreign = await startForeignSystem()
      await using house = await startHouse(form, { WEBHOOK_PRIVATE_HOSTS: '127.0.0.1' })
      const owner = new pg.Client({ connectionString: house.databaseUrls.ownerUrl })
      await owner.connect()
      const { token, patient } = await seatWard(owner).finally(() => owner.end())
      const made = async (channel: object) => {
        const answer = await house.ask('POST', '/fhir/R4/Subscription', { token, body: subscription(channel) })
        assert.deepEqual([answer.status, answer.body.status], [201, 'active'], JSON.stringify(answer.body))
        return answer.body.id
      }
      await made({ type: 'rest-hook', endpoint: foreign.url, payload: 'application/fhir+json' })
      const id = await made({ type: 'websocket' })
      const listeners = house.origins.map((origin) => new Listener(`${origin}/fhir/R4`, token))
      for (const one of listeners.slice(-5)) await (await one.say(`bind ${id}`)).hears(`bound ${id}`)
      const written = await house.ask('POST', '/fhir/R4/Observation', { token, body: pulse(patient) })
      assert.equal(written.status, 201)
      for (const one of listeners.slice(-5)) await one.hears(`ping ${id}`)
      await eventually('the hook was called', async () => foreign.received.length > 0)
      assert.deepEqual(
        foreign.received.map(({ url }) => url),
        [`/hooks/Observation/${written.body.id}`],
      )
      const refused = house.origins.map((origin) => new Listener(`${origin}/fhir/R4`, 'nonsense').refused())
      assert.deepEqual(new Set(await Promise.all(refused)), new Set([401]))
      for (const one of listeners) one.socket.terminate()
    })
  })

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, it } from 'node:test'
import pg from 'pg'
import { subscription } from '../../services/records/notices/testing.ts'
import { startForeignSystem } from '../foreign-system.ts'
import { eventually } from '../journeys/people.ts'
import { startHouse } from '../processes.ts'
import { pulse, seatWard } from '../ward.ts'

const SETTINGS = { WEBHOOK_PRIVATE_HOSTS: '127.0.0.1', RATE_LIMIT_PER_MINUTE: '1000000', LOG_LEVEL: 'silent' }
const ROUNDS = 3
const CLIENTS = 8
const A_ROUND = 60

describe('a server that is killed between what is written and who is told of it', () => {
  it('tells of all that it acknowledged', async (t) => {
    await using foreign = await startForeignSystem()
    await using house = await startHouse('together', SETTINGS)
    const owner = new pg.Client({ connectionString: house.databaseUrls.ownerUrl })
    await owner.connect()
    await using _owner = { [Symbol.asyncDispose]: () => owner.end() }
    const { token, patient } = await seatWard(owner)
    const body = subscription({ type: 'rest-hook', endpoint: foreign.url, payload: 'application/fhir+json' })
    assert.equal((await house.ask('POST', '/fhir/R4/Subscription', { token, body })).status, 201)
    const acknowledged: string[] = []
    for (let round = 1; round <= ROUNDS; round++) {
      const client = async () => {
        for (;;) {
          const answer = await house
            .ask('POST', '/fhir/R4/Observation', { token, body: pulse(patient) })
            .catch(() => undefined)
          if (answer?.status !== 201) return
          acknowledged.push(`/hooks/Observation/${answer.body.id}`)
          if (acknowledged.length === round * A_ROUND) house.processes[0]?.kill('SIGKILL')
        }
      }
      await Promise.all(Array.from({ length: CLIENTS }, client))
      const [child] = house.processes
      if (child?.signalCode === null) await once(child, 'exit')
      await house.restart({})
    }
    const untold = () => {
      const told = new Set(foreign.received.map(({ url }) => url))
      return acknowledged.filter((one) => !told.has(one))
    }
    await eventually('all are told of', async () => untold().length === 0)
    t.diagnostic(`${acknowledged.length} acknowledged, told ${foreign.received.length} times`)
  })
})

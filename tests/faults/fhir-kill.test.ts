import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, it } from 'node:test'
import pg from 'pg'
import { indexFaults, orphans } from '../fhir-store.ts'
import { eventually } from '../journeys/people.ts'
import { openKillablePostgres } from '../killable-postgres.ts'
import { type Answer, type RunningHouse, startHouse } from '../processes.ts'
import { pulse, seatWard } from '../ward.ts'

const ENTRIES = 50
const CLIENTS = 6
const SETTINGS = { RATE_LIMIT_PER_MINUTE: '1000000', LOG_LEVEL: 'silent' }
const SYSTEM = 'urn:bundle'

interface Seat {
  token: string
  patient: string
}

/** All entries carry the number of their Bundle. Every other Bundle has a condition, and so is a transaction of several statements. */
function bundleOf(n: number, patient: string) {
  const entry = Array.from({ length: ENTRIES }, (_, at) => {
    const resource = pulse(patient, {
      identifier: [
        { system: SYSTEM, value: `${n}` },
        { system: 'urn:entry', value: `${n}-${at}` },
      ],
    })
    if (at % 5 === 0)
      return {
        resource: { ...resource, id: `b${n}-${at}` },
        request: { method: 'PUT', url: `Observation/b${n}-${at}` },
      }
    const condition = n % 2 === 0 && at === 1 ? { ifNoneExist: `identifier=urn:entry|${n}-${at}` } : {}
    return { resource, request: { method: 'POST', url: 'Observation', ...condition } }
  })
  return { resourceType: 'Bundle', type: 'transaction', entry }
}

/** Clients who send transactions one after another, each another Bundle. */
class Clients {
  readonly acknowledged = new Set<number>()
  readonly strange: string[] = []
  unavailable = 0
  #next = 1
  #stopped = false
  readonly #house: RunningHouse
  readonly #seat: Seat

  constructor(house: RunningHouse, seat: Seat) {
    this.#house = house
    this.#seat = seat
  }

  stop(): void {
    this.#stopped = true
  }

  /** Until they are stopped, or, where `goesOn` says no, have no answer. */
  async work(goesOn: (answer: Answer | undefined) => boolean): Promise<void> {
    this.#stopped = false
    const { token, patient } = this.#seat
    const client = async () => {
      while (!this.#stopped) {
        const n = this.#next++
        const body = bundleOf(n, patient)
        const answer = await this.#house.ask('POST', '/fhir/R4', { token, body }).catch(() => undefined)
        if (answer?.status === 200) this.acknowledged.add(n)
        if (!goesOn(answer)) return
      }
    }
    await Promise.all(Array.from({ length: CLIENTS }, client))
  }
}

/** Of each Bundle of which something is there, how much. */
async function countsIn(owner: pg.Client): Promise<Map<number, number>> {
  const { rows } = await owner.query(
    `select split_part(t, '|', 2) as n, count(*)::int as entries from platform.fhir_resource r, unnest(r.tokens) t
     where t like 'Observation.identifier=${SYSTEM}|_%' group by 1`,
  )
  return new Map(rows.map(({ n, entries }) => [Number(n), entries]))
}

/** Bundles that are there in part, and those that were acknowledged and are not there; then what is not whole in the store. */
async function faultsIn(owner: pg.Client, acknowledged: ReadonlySet<number>): Promise<string[]> {
  const counts = await countsIn(owner)
  const { rows } = await owner.query(
    `select (select count(*) from platform.fhir_resource)::int as resources,
       (select count(*) from platform.audit_event where action = 'C' and entity like 'Observation/%')::int as recorded`,
  )
  const [{ resources, recorded }] = rows
  return [
    ...[...counts].filter(([, entries]) => entries !== ENTRIES).map(([n, entries]) => `${entries} entries of ${n}`),
    ...[...acknowledged].filter((n) => !counts.has(n)).map((n) => `${n} was acknowledged and is lost`),
    ...(resources === recorded ? [] : [`${recorded} of ${resources} are in the audit`]),
    ...(await orphans(owner)),
    ...(await indexFaults(owner, 'http://openhcs.test/fhir/R4')),
  ]
}

const kill = ({ processes: [child] }: RunningHouse) => child?.kill('SIGKILL')

/** The dead process has nothing open any more: what it had sent has been committed, or is taken back. */
async function settle({ processes: [child] }: RunningHouse, owner: pg.Client): Promise<void> {
  if (child?.signalCode === null) await once(child, 'exit')
  const others = `select from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`
  await eventually('its connections end', async () => (await owner.query(others)).rowCount === 0)
}

const asOwner = async (connectionString: string) => {
  const owner = new pg.Client({ connectionString })
  owner.on('error', () => {})
  await owner.connect()
  return owner
}

const ROUNDS = 4
const A_ROUND = 15

describe(`a server that is killed in the middle of transactions of ${ENTRIES} entries`, () => {
  it('has all of each or nothing, and all that it acknowledged', async (t) => {
    await using house = await startHouse('together', SETTINGS)
    const owner = await asOwner(house.databaseUrls.ownerUrl)
    try {
      const clients = new Clients(house, await seatWard(owner))
      let unheard = 0
      for (let round = 1; round <= ROUNDS; round++) {
        await clients.work((answer) => {
          if (answer && answer.status !== 200) clients.strange.push(`${answer.status} ${JSON.stringify(answer.body)}`)
          // At other moments of the work each time.
          if (clients.acknowledged.size >= round * A_ROUND) setTimeout(() => kill(house), round * 7)
          return answer?.status === 200
        })
        await settle(house, owner)
        assert.deepEqual(clients.strange, [])
        assert.deepEqual(await faultsIn(owner, clients.acknowledged), [])
        unheard = (await countsIn(owner)).size - clients.acknowledged.size
        await house.restart({})
      }
      t.diagnostic(`${clients.acknowledged.size} acknowledged, ${unheard} committed and nobody heard of it`)
    } finally {
      await owner.end()
    }
  })
})

const KILLS = 2

describe('PostgreSQL, killed under transactions and started again', () => {
  it('is answered with an OperationOutcome of 503 while it is away, and served again without a restart', async (t) => {
    await using server = await openKillablePostgres()
    await using house = await startHouse('together', { ...server.env, ...SETTINGS })
    const first = await asOwner(server.ownerUrl)
    const seat = await seatWard(first)
    await first.end()
    const clients = new Clients(house, seat)
    const work = clients.work((answer) => {
      if (answer?.status === 503 && isOutcome(answer)) clients.unavailable++
      else if (answer?.status !== 200) clients.strange.push(`${answer?.status} ${JSON.stringify(answer?.body)}`)
      return true
    })
    for (let n = 1; n <= KILLS; n++) {
      const [done, refused] = [clients.acknowledged.size, clients.unavailable]
      await eventually('transactions are carried out', async () => clients.acknowledged.size > done + CLIENTS)
      await server.kill()
      await eventually('clients are told', async () => clients.unavailable > refused + CLIENTS)
      const read = await house.ask('GET', '/fhir/R4/Observation/a', { token: seat.token })
      assert.ok(read.status === 503 && isOutcome(read), JSON.stringify(read.body))
      await server.start()
    }
    const before = clients.acknowledged.size
    await eventually('they are carried out again', async () => clients.acknowledged.size > before + CLIENTS)
    clients.stop()
    await work
    assert.deepEqual([...new Set(clients.strange)], [])
    assert.ok(house.processes.every(({ exitCode, signalCode }) => exitCode === null && signalCode === null))
    const owner = await asOwner(server.ownerUrl)
    assert.deepEqual(await faultsIn(owner, clients.acknowledged), [])
    await owner.end()
    t.diagnostic(`${clients.acknowledged.size} acknowledged, ${clients.unavailable} × 503`)
  })
})

const isOutcome = ({ body, headers }: Answer): boolean =>
  body.resourceType === 'OperationOutcome' &&
  body.issue[0].code === 'transient' &&
  headers.get('content-type')?.startsWith('application/fhir+json') === true &&
  headers.get('retry-after') !== null

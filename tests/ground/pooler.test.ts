import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import pg from 'pg'
import { sessionSettings } from '#platform/session.ts'
import { everything } from '#services.ts'
import { eventually, Person, signIn, signUp, someMonday } from '../journeys/people.ts'
import { follow, openPractice, type Practice } from '../journeys/practice.ts'
import { followsPrepared, lacksPgBouncer, type Pooler, startPooler } from '../pgbouncer.ts'
import { type RunningHouse, startHouse } from '../processes.ts'

// The house behind a real PgBouncer that gives out a connection for one transaction at a time, with far fewer of them than the house opens.

const SIZE = 2
const CLIENTS = 16
const monday = someMonday()
const skip = lacksPgBouncer() ?? false

interface Client {
  person: Person
  patient: string
}

async function newClient(house: RunningHouse, userName: string): Promise<Client> {
  const person = await signUp(house, userName, 'Saba Tesfaye')
  const born = { birthDate: '1950-06-05', gender: 'female', language: 'en', zone: 'UTC' }
  return { person, patient: (await person.ask(201, 'POST', '/v1/patients', { name: 'Saba Tesfaye', ...born })).body.id }
}

for (const prepared of skip === false && followsPrepared() ? [false, true] : [false])
  describe(`a house behind a pooler in transaction mode, its statements ${prepared ? 'named' : 'without names'}`, {
    skip,
  }, () => {
    let pooler: Pooler
    let practice: Practice
    let house: RunningHouse
    let owner: pg.Client
    let clients: Client[]

    before(async () => {
      house = await startHouse('together', async ({ appUrl }) => {
        pooler = await startPooler({ url: appUrl, size: SIZE })
        return {
          DATABASE_POOLER_URL: pooler.url,
          DATABASE_POOLER_PREPARED: String(prepared),
          DATABASE_POOL_SIZE: '16',
          RATE_LIMIT_PER_MINUTE: '1000000',
        }
      })
      practice = await openPractice(house, monday)
      owner = new pg.Client({ connectionString: house.databaseUrls.ownerUrl })
      await owner.connect()
      clients = await Promise.all(Array.from({ length: CLIENTS }, (_, i) => newClient(house, `patient-${i}`)))
    })
    after(async () => {
      await owner?.end()
      await house?.[Symbol.asyncDispose]()
      await pooler?.[Symbol.asyncDispose]()
    })

    const count = async (text: string): Promise<number> =>
      (await owner.query(`select count(*)::int as n from ${text}`)).rows[0].n
    const find = `/v1/practitioners/find?speciality=cardiology&from=${monday}T00:00:00Z`
    const wishOf = ({ patient }: Client, time: string) => ({
      practitioner: practice.practitioner,
      patient,
      start: `${monday}T${time}:00Z`,
    })
    const book = (client: Client, time: string, key: string) =>
      house.ask('POST', '/v1/appointments', {
        token: client.person.token,
        body: wishOf(client, time),
        headers: { 'idempotency-key': key },
      })

    it('finds, gives a slot to one of many, tells of it in a stream, and works through the jobs', async () => {
      const doctor = await signIn(new Person(house), 'dr-okello')
      const stream = await follow(house.origins[0] ?? '', doctor.token)
      const found = await Promise.all(clients.map(({ person }) => person.ask(200, 'GET', find)))
      assert.ok(found.every(({ body }) => body.items[0].next.start === `${monday}T09:00:00.000Z`))

      const answers = await Promise.all(clients.map((client, i) => book(client, '09:00', `one-${i}`)))

      const statuses = answers.map(({ status }) => status).sort()
      assert.deepEqual(statuses, [201, ...Array.from({ length: CLIENTS - 1 }, () => 409)])
      const won = answers.find(({ status }) => status === 201)?.body.id as string
      await eventually('the booking is in the stream', async () => stream.text().includes(won))
      stream.leave()
      await eventually(
        'every job is done',
        async () => (await count('graphile_worker._private_jobs where attempts > 0 or run_at <= now()')) === 0,
      )
    })

    it('lets a FHIR client write what another room keeps, under its role for that part alone', async () => {
      const [{ person, patient }] = clients as [Client, ...Client[]]
      const url = `/fhir/R4/Patient/${patient}`
      const { body } = await person.ask(200, 'GET', url)
      await person.ask(200, 'PUT', url, { ...body, maritalStatus: { text: 'Widowed' } })
      assert.equal((await person.ask(200, 'GET', url)).body.maritalStatus.text, 'Widowed')
      const records = new pg.Client({ connectionString: pooler.urlOf('records') })
      await records.connect()
      await assert
        .rejects(records.query('select from registry.patient'), /permission denied/)
        .finally(() => records.end())
    })

    it('opens no more connections to the server than the pooler has', async () => {
      await Promise.all(
        clients.flatMap(({ person }) => [person.ask(200, 'GET', find), person.ask(200, 'GET', '/v1/account')]),
      )
      const pools = (await pooler.show('pools')).filter(({ user }) => String(user).startsWith('openhcs_'))
      assert.equal(pools.length, everything.length)
      for (const { user, sv_active, sv_idle, sv_used, pool_mode } of pools) {
        assert.ok(Number(sv_active) + Number(sv_idle) + Number(sv_used) <= SIZE, `${user}`)
        assert.equal(pool_mode, 'transaction')
      }
      const clientsOfPooler = (await pooler.show('clients')).filter(({ user }) => String(user).startsWith('openhcs_'))
      assert.ok(clientsOfPooler.length > everything.length * SIZE, `only ${clientsOfPooler.length} clients`)
      for (const { name } of everything) {
        const ofRoom = `pg_stat_activity where datname = current_database() and application_name = 'openhcs ${name}'`
        assert.ok((await count(ofRoom)) <= SIZE)
        // As itself, and not as the application that takes its role.
        assert.equal(await count(`${ofRoom} and usename <> 'openhcs_${name}'`), 0)
      }
    })

    it('leaves nothing in a session for the next who gets it', async () => {
      await fetch(`${house.origins[0]}/metrics`) // which sets a shorter time limit for its own transaction
      for (const { name, planOnce = false } of everything) {
        const room = new pg.Client({ connectionString: pooler.urlOf(name) })
        await room.connect()
        try {
          for (const [setting, value] of Object.entries(
            sessionSettings({ room: name, planOnce, statementSeconds: 10 }),
          )) {
            if (setting.startsWith('tcp_')) continue // the pooler of this test comes by a socket of the machine, where they read 0
            const { rows } = await room.query('select setting, unit from pg_settings where lower(name) = $1', [setting])
            assert.equal(rows[0].setting.replaceAll(' ', ''), value, `${name}: ${setting}`)
          }
          const { rows } = await room.query('select count(*)::int as n from pg_prepared_statements')
          assert.equal(rows[0].n > 0, prepared, `${name} keeps ${rows[0].n} statements`)
        } finally {
          await room.end()
        }
      }
      assert.equal(
        await count(
          `pg_locks l join pg_stat_activity using (pid) where locktype = 'advisory' and datname = current_database() and application_name ~ '^openhcs (${everything.map(({ name }) => name).join('|')})$'`,
        ),
        0,
      )
    })

    it('keeps the walls: a room that logs in as itself cannot become another', async () => {
      const room = new pg.Client({ connectionString: pooler.urlOf('identity') })
      await room.connect()
      try {
        for (const statement of [
          'select * from scheduling.appointment',
          'select * from registry.patient',
          'select * from graphile_worker._private_jobs',
          'set role openhcs_scheduling',
          'set role openhcs_app',
          'set role openhcs_jobs',
          'create table identity.mine (id int)',
          `alter role openhcs_scheduling password 'mine'`,
        ])
          await assert.rejects(room.query(statement), { code: '42501' }, statement)
      } finally {
        await room.end()
      }
      const guess = new pg.Client({
        connectionString: pooler.urlOf('identity').replace(/:[^:@]+@/, ':a-password-that-is-not-it@'),
      })
      await assert.rejects(guess.connect())
    })

    it('says so to doctor', async () => {
      const { output } = await house.command(['doctor'])
      assert.match(output, /✔ sessions +Rooms have their own role, and statements end after 10s/)
      const wrong = { DATABASE_POOLER_URL: pooler.url.replace(/:[^:@]+@/, ':a-password-that-is-not-it@') }
      assert.match((await house.command(['doctor'], '', wrong)).output, /✖ sessions +The room identity cannot connect/)
    })

    it('answers 503 when all connections of the pooler stay taken', async () => {
      const holders = Array.from({ length: SIZE }, () => new pg.Client({ connectionString: pooler.urlOf('registry') }))
      for (const holder of holders) {
        await holder.connect()
        await holder.query('begin')
      }
      const { status, body } = await house.ask('GET', '/v1/places', { token: clients[0]?.person.token })
      await Promise.all(holders.map((holder) => holder.end()))
      assert.deepEqual([status, body.code], [503, 'transient'], JSON.stringify(body))
      await clients[0]?.person.ask(200, 'GET', '/v1/places')
    })

    it('answers 503 while the pooler is away, comes back with it, and has done nothing by halves', async () => {
      const times = ['09:30', '10:00', '10:30', '11:00', '11:30']
      const statuses = new Map<number, number>()
      const answered = new Map<string, string>()
      let stopped = false
      const one = async (client: Client, n: number) => {
        for (let round = 0; round < 400 && !stopped; round++) {
          const time = times[(n + round) % times.length] as string
          const { status, body } = await book(client, time, `half-${n}-${round}`)
          statuses.set(status, (statuses.get(status) ?? 0) + 1)
          if (status === 201) answered.set(body.id, time)
        }
      }
      const busy = Promise.all(clients.map(one))
      const refused = () => eventually('somebody is told 503', async () => (statuses.get(503) ?? 0) > 0)
      for (let round = 0; round < 3; round++) {
        statuses.delete(503)
        await pooler.stop()
        await refused()
        await pooler.start()
        await eventually('it serves again', async () => (await fetch(`${house.origins[0]}/readyz`)).ok)
      }
      stopped = true
      await busy

      assert.deepEqual(
        [...statuses.keys()].filter((status) => ![201, 409, 503].includes(status)),
        [],
        JSON.stringify([...statuses]),
      )
      const { rows } = await owner.query(
        `select a.id, (select count(*)::int from scheduling.claim c where c.holder_id = a.id) as claims,
         (select count(*)::int from platform.audit_event e where e.operation = 'bookAppointment' and e.entity = 'Appointment/' || a.id) as audited
       from scheduling.appointment a`,
      )
      assert.ok(rows.length <= 6)
      for (const { claims, audited } of rows) assert.deepEqual([claims, audited], [3, 1])
      const booked = new Set(rows.map(({ id }) => id))
      assert.ok(
        [...answered.keys()].every((id) => booked.has(id)),
        'what was answered 201 is there',
      )
      // One more connection each than before, at most: those of the pooler that went are gone.
      for (const { name } of everything)
        assert.ok(
          (await count(`pg_stat_activity where datname = current_database() and usename = 'openhcs_${name}'`)) <= SIZE,
        )
    })

    it('shuts the rooms’ logins when the setting is gone and the last release has ended', async () => {
      const logins = `pg_roles where rolcanlogin and rolname in (${everything.map(({ name }) => `'openhcs_${name}'`).join()})`
      assert.equal(await count(logins), everything.length)
      const without = { DATABASE_POOLER_URL: '' }
      assert.equal((await house.command(['migrate'], '', without)).code, 0)
      assert.equal(await count(logins), everything.length)
      const { code, output } = await house.command(['migrate', 'contract'], '', without)
      assert.equal(code, 0, output)
      assert.equal(await count(logins), 0)
    })
  })

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, it } from 'node:test'
import pg from 'pg'
import { newToken } from '#platform/auth.ts'
import { newId } from '#platform/ids.ts'
import { eventually } from '../journeys/people.ts'
import { type RunningHouse, startHouse } from '../processes.ts'
import { pulse } from '../ward.ts'

const SETTINGS = { RATE_LIMIT_PER_MINUTE: '1000000', LOG_LEVEL: 'silent' }
/** Of 200 kB each, so that there are two files of them. */
const LARGE = Array.from({ length: 120 }, (_, n) => `o-${n}`)
const PATIENTS = Array.from({ length: 20 }, newId)
/** The step at which the process is killed: before, in the middle of and behind the large files. */
const KILLS = [1, 12, 22, 24]

interface Seats {
  client: string
  root: string
}

/** An administrator, and an app that may have everything, put straight into the tables. */
async function seat(owner: pg.Client): Promise<Seats> {
  const [account, app, root, client] = [newId(), newId(), newToken(), newToken()]
  await owner.query(
    `insert into platform.session (id, account_id, token_hash, kind, scopes, client_id, created_at, expires_at) values
       ($1, $2, $3, 'session', null, null, now(), now() + interval '1 day'), ($4, $5, $6, 'client-token', '{system/*.rs}', $5, now(), now() + interval '1 day')`,
    [newId(), account, root.hash, newId(), app, client.hash],
  )
  await owner.query(
    `insert into platform.role_grant (account_id, role, granted_at) values ($1, 'administrator', now())`,
    [account],
  )
  await owner.query(
    `insert into platform.client_grant (client_id, name, purpose, patients) values ($1, 'Register', 'treatment', 'all')`,
    [app],
  )
  return { client: client.token, root: root.token }
}

const pathOf = (url: unknown): string => String(url).replace(/^https?:\/\/[^/]+/, '')

async function fill(house: RunningHouse, token: string): Promise<void> {
  const facts = { resourceType: 'Patient', name: [{ text: 'Fictional' }], gender: 'female', birthDate: '1987-06-05' }
  const note = [{ text: 'x'.repeat(200_000) }]
  const resources = [
    ...PATIENTS.map((id) => ({ ...facts, id })),
    ...LARGE.map((id, n) => ({ ...pulse(PATIENTS[n % PATIENTS.length] ?? '', { note }), id })),
  ]
  const content = Buffer.from(resources.map((one) => JSON.stringify(one)).join('\n'))
  const raw = { type: 'application/fhir+ndjson', content }
  const begun = await house.ask('POST', '/fhir/R4/$import', { token, raw })
  assert.equal(begun.status, 202, JSON.stringify(begun.body))
  const { created } = await eventually('everything is there', async () => {
    const { status, body } = await house.ask('GET', pathOf(begun.headers.get('content-location')), { token })
    return status === 200 && body
  })
  assert.equal(created, resources.length)
}

/** The lines of a file; each is whole. */
async function linesOf(house: RunningHouse, token: string, url: string): Promise<{ id: string }[]> {
  const { status, body } = await house.ask('GET', url, { token })
  assert.equal(status, 200, JSON.stringify(body))
  return String(body)
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))
}

describe('a server that is killed in the middle of an export', () => {
  it('goes on with it when it is back, and shows whole files alone, each resource once', async (t) => {
    await using house = await startHouse('together', SETTINGS)
    const owner = new pg.Client({ connectionString: house.databaseUrls.ownerUrl })
    await owner.connect()
    await using _owner = { [Symbol.asyncDispose]: () => owner.end() }
    const { client: token, root } = await seat(owner)
    await fill(house, root)
    const begun = await house.ask('GET', '/fhir/R4/$export', { token, headers: { prefer: 'respond-async' } })
    const status = pathOf(begun.headers.get('content-location'))
    const id = status.split('/').at(-1)
    const standing = async () =>
      (await owner.query('select step, status from records.bulk_export where id = $1', [id])).rows[0]
    const killed: string[] = []
    for (const at of KILLS) {
      // Without waiting in between: it takes a second as a whole.
      let now = await standing()
      while (now.status === 'running' && now.step < at) now = await standing()
      const [child] = house.processes
      child?.kill('SIGKILL')
      if (child?.signalCode === null) await once(child, 'exit')
      killed.push(`${now.step} ${now.status}`)
      await house.restart({})
      const { rows } = await owner.query(
        'select kind, step, lines from records.bulk_file where export_id = $1 and whole',
        [id],
      )
      for (const { kind, step, lines } of rows)
        assert.equal((await linesOf(house, token, `${status}/${kind}-${step}.ndjson`)).length, lines)
    }
    const { output } = await eventually('the export is whole', async () => {
      const { status: code, body } = await house.ask('GET', status, { token })
      assert.ok([200, 202].includes(code), JSON.stringify(body))
      return code === 200 && (body as { output: { type: string; url: string; count: number }[] })
    })
    const ids: string[] = []
    for (const { url, count } of output) {
      const lines = await linesOf(house, token, pathOf(url))
      assert.equal(lines.length, count)
      ids.push(...lines.map((one) => one.id))
    }
    assert.deepEqual(ids.toSorted(), [...PATIENTS, ...LARGE].toSorted())
    assert.ok(output.filter(({ type }) => type === 'Observation').length > 1)
    const { rows } = await owner.query(
      `select subject from platform.audit_event where entity = $1 and action = 'R' and subject is not null`,
      [`BulkExport/${id}`],
    )
    assert.deepEqual(rows.map(({ subject }) => subject).sort(), PATIENTS.map((one) => `Patient/${one}`).sort())
    t.diagnostic(`killed at step ${killed.join(', ')}; ${output.length} files`)
  })
})

import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import pg from 'pg'
import { newId } from '#platform/ids.ts'
import { indexFaults, orphans } from '../fhir-store.ts'
import { type RunningHouse, startHouse } from '../processes.ts'
import { pulse, seatWard } from '../ward.ts'

const MANY = 1_200

describe('openhcs import-fhir', async () => {
  const house: RunningHouse = await startHouse('together', { PUBLIC_URL: 'http://openhcs.test' })
  const folder = await mkdtemp(join(tmpdir(), 'openhcs-import-'))
  const owner = new pg.Client({ connectionString: house.databaseUrls.ownerUrl })
  await owner.connect()
  after(async () => {
    await owner.end()
    await house[Symbol.asyncDispose]()
    await rm(folder, { recursive: true })
  })
  const { token, patient } = await seatWard(owner)
  const person = {
    ...{ resourceType: 'Patient', id: patient, name: [{ text: 'Saba Tesfaye' }] },
    ...{ gender: 'female', birthDate: '1987-06-05' },
  }
  const observations = Array.from({ length: MANY }, (_, n) => ({ ...pulse(patient), id: `o-${n}` }))
  const asText = (all: readonly (object | string)[]) =>
    all.map((one) => (typeof one === 'string' ? one : JSON.stringify(one))).join('\n')
  const fileOf = async (name: string, all: readonly (object | string)[]) => {
    const path = join(folder, name)
    await writeFile(path, asText(all))
    return path
  }

  it('takes in files of any length, and the same once more without a change', async () => {
    const file = await fileOf('all.ndjson', [...observations, person])
    const first = await house.command(['import-fhir', file])
    assert.equal(first.code, 0, first.output)
    assert.match(first.output, /: 1201 lines in .* s, 1201 created, 0 there already, 0 refused, 0 references/)
    const again = await house.command(['import-fhir', file])
    assert.equal(again.code, 0, again.output)
    assert.match(again.output, /0 created, 1201 there already, 0 refused/)
    assert.ok(!existsSync(`${file}.outcomes.ndjson`))
    const { status, body } = await house.ask('GET', '/fhir/R4/Observation?_total=accurate&_count=1', { token })
    assert.deepEqual([status, body.total], [200, MANY], JSON.stringify(body))
    assert.deepEqual(await orphans(owner), [])
    assert.deepEqual(await indexFaults(owner, 'http://openhcs.test/fhir/R4'), [])
    const { rows } = await owner.query(
      `select count(*)::int as n from platform.audit_event where action = 'C' and subject = $1`,
      [`Patient/${patient}`],
    )
    assert.equal(rows[0].n, MANY + 1)
  })

  it('writes what is wrong beside the file, line by line, and takes the rest', async () => {
    const binary = { resourceType: 'Binary', id: 'b-1', contentType: 'text/plain', data: 'YQ==' }
    const file = await fileOf('wrong.ndjson', [
      'no JSON',
      { ...pulse(patient), id: 'o-new' },
      binary,
      '',
      pulse(patient),
    ])
    const { code, output } = await house.command(['import-fhir', file])
    assert.equal(code, 1, output)
    assert.match(output, /: 5 lines in .* 1 created, 0 there already, 3 refused/)
    const lines = (await readFile(`${file}.outcomes.ndjson`, 'utf8')).trim().split('\n')
    const places = lines.map((line) => JSON.parse(line).issue[0].location[0])
    assert.deepEqual(places.toSorted(), ['line 1', 'line 3', 'line 5'])
  })

  it('takes standard input, and names how many references lead nowhere', async () => {
    const lost = { ...pulse(patient), id: 'o-lost', encounter: { reference: `Encounter/${newId()}` } }
    const { code, output } = await house.command(['import-fhir', '-'], asText([lost]))
    assert.equal(code, 0, output)
    assert.match(output, /^-: 1 lines in .* 1 created, .* 1 references to what is not here/m)
  })

  it('takes a Provenance after all that it is of, wherever it stands', async () => {
    const provenance = {
      ...{ resourceType: 'Provenance', id: 'p-1', recorded: '2031-03-03T09:00:00Z' },
      ...{ target: [{ reference: `Observation/q-${MANY - 1}` }], agent: [{ who: { display: 'Fictional' } }] },
    }
    const others = observations.map((one, n) => ({ ...one, id: `q-${n}` }))
    const { output } = await house.command(['import-fhir', await fileOf('first.ndjson', [provenance, ...others])])
    assert.match(output, /1201 created, 0 there already, 0 refused/)
  })

  it('says how it is called, and that a file is not there', async () => {
    const nothing = await house.command(['import-fhir'])
    assert.deepEqual([nothing.code, /Usage: openhcs import-fhir/.test(nothing.output)], [1, true])
    const nowhere = await house.command(['import-fhir', join(folder, 'nowhere.ndjson')])
    assert.deepEqual([nowhere.code, /ENOENT|no such file/.test(nowhere.output)], [1, true], nowhere.output)
  })
})

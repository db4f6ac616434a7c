import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { system } from '#platform/auth.ts'
import { openTestHouse, type TestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { ASYNC, backendClient, erased, exported, pathOf, resourcesIn } from '../../../tests/bulk-client.ts'
import { pulse } from '../../../tests/ward.ts'
import { records } from '../service.ts'
import { newPatient, practitionerOf } from '../testing.ts'

const PATIENTS = '/fhir/R4/$export?_type=Patient'

async function openHouse() {
  const house = await openTestHouse(everything)
  after(() => house[Symbol.asyncDispose]())
  const run = (job: string, payload = {}) => house.house.tasks()[`records:${job}`]?.(payload, undefined as never)
  const begun = async (client: Awaited<ReturnType<typeof backendClient>>, url = PATIENTS) => {
    const answer = await client.get(url, ASYNC)
    assert.equal(answer.status, 202, JSON.stringify(answer.body))
    return pathOf(answer.headers['content-location'])
  }
  return { house, run, begun }
}

describe('what an app has exported', async () => {
  const { house, run, begun } = await openHouse()
  await newPatient(house)
  const client = await backendClient(house)
  const done = async () => {
    const url = await begun(client)
    await house.work()
    return url
  }

  it('is twenty-five exports at the most; one more says which there are, and one that is deleted makes room', async () => {
    const all = []
    for (let n = 0; n < 25; n++) all.push(await done())
    const { status, headers, body } = await client.get(PATIENTS, ASYNC)
    assert.deepEqual([status, headers['retry-after']], [429, String(86_400)])
    assert.deepEqual(
      body.extension.map(({ valueString }: { valueString: string }) => pathOf(valueString)),
      all,
    )
    const other = await backendClient(house)
    assert.equal((await other.get(PATIENTS, ASYNC)).status, 202, 'of this app alone')
    assert.equal((await client.delete(all[0] ?? '')).status, 202)
    await done()
    for (const url of all) await client.delete(url)
    await client.delete((await exportsOf(house)).at(-1) ?? '')
  })

  it('takes no more room than it has: nothing is begun, and what is under way ends', async () => {
    const url = await begun(client)
    await house.owner.query(
      `insert into records.bulk_file (export_id, step, kind, type, file_key, lines, bytes) values ($1, 900, 'output', 'Patient', repeat('0', 64), 1, 20000000001)`,
      [url.split('/').at(-1)],
    )
    const { status, headers } = await client.get(PATIENTS, ASYNC)
    assert.deepEqual([status, headers['retry-after']], [429, '3600'])
    await house.work()
    const ended = await client.get(url)
    assert.deepEqual([ended.status, ended.body.issue[0].code], [422, 'too-costly'])
    await run('drop-files')
    assert.equal((await client.get(PATIENTS, ASYNC)).status, 202, 'its file is removed')
    await house.work()
  })

  it('is gone a day later, from the disk too', async () => {
    const url = await begun(client, '/fhir/R4/$export?_type=Patient,Flag')
    await house.work()
    assert.equal((await client.get(url)).body.output.length, 1)
    const { rows } = await house.owner.query(`select file_key from records.bulk_file where export_id = $1`, [
      url.split('/').at(-1),
    ])
    const { files } = house.house.context('records', { actor: system, traceId: 'test', doing: 'test' })
    const remove = files.remove.bind(files)
    const removed: string[] = []
    files.remove = async (key) => removed.push(key) > 0
    house.setNow('2031-03-03T09:00:00Z')
    await run('drop-files')
    files.remove = remove
    assert.ok(removed.includes(rows[0].file_key))
    assert.deepEqual((await house.owner.query('select from records.bulk_file')).rows, [])
    assert.deepEqual((await house.owner.query('select from records.bulk_export')).rows, [])
  })
})

async function exportsOf({ owner }: TestHouse): Promise<string[]> {
  const { rows } = await owner.query('select id from records.bulk_export order by created_at, id')
  return rows.map(({ id }) => `/fhir/R4/bulk-export/${id}`)
}

describe('somebody who is erased', async () => {
  const { house, run, begun } = await openHouse()
  const client = await backendClient(house)
  const eraseHere = async (patient: string) => {
    const ctx = house.house.context('records', { actor: system, traceId: 'test', doing: 'test' })
    return records.erase?.(ctx as never, { patient, names: [] })
  }
  const withRecord = async () => {
    const patient = await newPatient(house)
    const doctor = await practitionerOf(house, patient)
    assert.equal((await doctor.post('/fhir/R4/Observation', pulse(patient.id))).status, 201)
    return patient
  }

  it('is in no file any more, and whose records they are not stays', async () => {
    const [gone, stays] = [await withRecord(), await withRecord()]
    const of = (patient: string) => `/fhir/R4/Patient/$export?_type=Observation&patient=${patient}`
    const [held, other] = [await begun(client, of(gone.id)), await begun(client, of(stays.id))]
    await house.work()
    const [file, kept] = await Promise.all(
      [held, other].map(async (url) => pathOf((await client.get(url)).body.output[0].url)),
    )
    const traces = await eraseHere(gone.id)
    assert.deepEqual(traces?.find(({ what }) => what.startsWith('exports'))?.count, 1)
    const told = await client.get(held)
    assert.deepEqual([told.status, told.body.issue[0].code], [410, 'deleted'])
    assert.deepEqual([(await client.get(file ?? '')).status, (await client.get(kept ?? '')).status], [404, 200])
    await run('drop-files')
    assert.equal((await client.get(other)).status, 200)
  })

  it('is left out of what is under way, and ends what was written of them in between', async () => {
    const [gone, stays] = [await withRecord(), await withRecord()]
    const before = await begun(client)
    await eraseHere(gone.id)
    await house.work() // before registry has erased them: they are in it
    assert.equal((await client.get(before)).status, 200)
    await erased(house, gone.id)
    await eraseHere(gone.id) // as an hour later
    assert.equal((await client.get(before)).status, 410)
    const after = await exported(house, client, PATIENTS)
    const ids = (await resourcesIn(client, after)).map(({ id }) => id)
    assert.deepEqual([ids.includes(gone.id), ids.includes(stays.id)], [false, true])
  })

  it('while a file of theirs is being written is not in it: it is made anew', async () => {
    const gone = await withRecord()
    const url = await begun(client)
    const { files } = house.house.context('records', { actor: system, traceId: 'test', doing: 'test' })
    const put = files.put.bind(files)
    files.put = async (content) => {
      files.put = put
      await erased(house, gone.id)
      return put(content)
    }
    await assert.rejects(async () => run('export', { export: url.split('/').at(-1) }), /begins anew/)
    await house.work()
    const { status, body } = await client.get(url)
    assert.equal(status, 200)
    const ids = (await resourcesIn(client, body)).map(({ id }) => id)
    assert.ok(!ids.includes(gone.id))
  })

  it('and treats others, or acts for them, ends what holds the directory, or those who act for others', async () => {
    const ctx = house.house.context('records', { actor: system, traceId: 'test', doing: 'test' })
    const somebody = '018f3a5e-7c1b-7d2e-9f30-5a6b7c8d9e0f'
    for (const [kind, type] of [
      ['practitioner', 'Practitioner'],
      ['caregiver', 'RelatedPerson'],
    ] as const) {
      const url = await begun(client, `/fhir/R4/$export?_type=${type}`)
      await records.erase?.(ctx as never, { [kind]: somebody, names: [] })
      assert.equal((await client.get(url)).status, 410, kind)
    }
  })
})

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { aPatient, nowhere, openRegistry, version } from '../testing.ts'

type Pair = { id: string; version: number; score: number; agrees: string[]; patients: { patient: string }[] }

describe('duplicates', async () => {
  const { house, patient, administrator, rows, together } = await openRegistry()
  const ada = await administrator()
  const list = async (query = '') => {
    await house.work() // patients are compared once they are written
    return (await ada.get(`/v1/duplicates${query}`)).body.items as Pair[]
  }
  const pairOf = (items: Pair[], ...ids: string[]) =>
    items.find(({ patients }) => patients.every(({ patient }) => ids.includes(patient)))
  const facts = { name: 'Екатерина Щербакова', birthDate: '1979-03-11', gender: 'female', phone: '+12025550147' }
  const katya = await patient(facts)

  it('a registration in another script goes onto the review list, and tells the person nothing', async () => {
    const again = await patient({
      ...facts,
      name: 'Shcherbakova Yekaterina',
      birthDate: '1979-11-03',
      phone: undefined,
    })
    const { id: _id, ...shown } = again.answer as Record<string, unknown>
    assert.deepEqual(Object.keys(shown).sort(), [...Object.keys(aPatient), 'active', 'version'].sort())
    const pair = pairOf(await list(), katya.id, again.id)
    assert.deepEqual(pair?.agrees, ['birthDate:slip', 'gender:same', 'name:sounds-alike'])
    assert.equal((await list()).length, 1)
  })

  it('so does a change that makes two alike, and the score follows later changes', async () => {
    const other = await patient({ ...aPatient, name: 'Lars Lindqvist', gender: 'male' })
    assert.equal(pairOf(await list(), katya.id, other.id), undefined)
    const { phone: _phone, ...same } = facts
    const path = `/v1/patients/${other.id}`
    assert.equal((await other.patch(path, same, version(1))).status, 200)
    const before = pairOf(await list(), katya.id, other.id)
    assert.equal((await other.patch(path, { phone: facts.phone }, version(2))).status, 200)
    const after = pairOf(await list(), katya.id, other.id)
    assert.ok(before && after && after.score > before.score)
  })

  it('two who are compared at the same moment find each other', async () => {
    const twice = { ...aPatient, name: 'Nomvula Dlamini', birthDate: '1968-04-27' }
    await house.work()
    const [one, other] = [await patient(twice), await patient({ ...twice, name: 'Dlamini Nomvula' })]
    const compare = (who: { id: string }) => async () =>
      house.house.tasks()['registry:compare-patient']?.({ patient: who.id }, undefined as never)
    // Neither writes before both have begun: what each writes refers to its patient.
    const both = `select from registry.patient where id = any (string_to_array($1, ',')::uuid[]) for update`
    await together(both, `${one.id},${other.id}`, [compare(one), compare(other)])
    const found = 'select from registry.duplicate where one_id = any ($1) and other_id = any ($1)'
    assert.equal((await rows(found, [[one.id, other.id]])).length, 1)
  })

  it('a desk is shown who may be there already, in any script, with the last digits of the phone', async () => {
    const ask = (body: object, who = ada) => who.post('/v1/patients/possible-duplicates', body)
    const { status, body } = await ask({ name: 'Ekaterina Scherbakova', birthDate: '1979-03-11' })
    assert.equal(status, 200)
    const found = body.items.find(({ patient }: { patient: string }) => patient === katya.id)
    assert.deepEqual([found.name, found.birthDate, found.phoneEnding], [facts.name, facts.birthDate, '0147'])
    assert.deepEqual((await ask({ name: 'Somebody Else', birthDate: '1979-03-11' })).body.items, [])
    assert.equal((await ask({ name: 'X', birthDate: '2040-01-01' })).status, 400)
    assert.equal((await ask({ name: 'X', birthDate: '1979-03-11', phone: 'x' })).status, 400)
    assert.equal((await ask({ name: 'X', birthDate: '1979-03-11' }, katya)).status, 403)
    assert.equal((await house.anonymous.post('/v1/patients/possible-duplicates', {})).status, 401)
    const seen = await rows(
      "select 1 from platform.audit_event where operation = 'findPossibleDuplicates' and subject = $1",
      [`Patient/${katya.id}`],
    )
    assert.equal(seen.length, 1)
  })

  it('a desk is shown those of its own organisation, and told nothing of others', async () => {
    const clinic = async () => {
      const { body } = await ada.post('/v1/organisations', { name: 'Quay', city: 'Port Selam', country: 'GH' })
      const desk = await house.signedIn({ desk: { organisation: body.id, function: 'desk' } })
      return { desk, path: `/v1/organisations/${body.id}/patients` }
    }
    const [ours, others] = [await clinic(), await clinic()]
    const almaz = { ...aPatient, name: 'Almaz Worku', birthDate: '1931-09-12' }
    const { id } = (await ours.desk.post(ours.path, almaz)).body
    await house.work()
    const person = { name: 'አልማዝ ወርቁ', birthDate: '1931-09-12' }
    const ask = (of: typeof ours, who = of.desk, body: object = person) =>
      who.post(`${of.path}/possible-duplicates`, body)
    const [found, ...more] = (await ask(ours)).body.items
    assert.deepEqual([found?.patient, found?.name, more], [id, almaz.name, []])
    assert.deepEqual((await ask(others)).body.items, [])
    assert.equal((await ask(ours, others.desk)).status, 404)
    assert.equal((await ask(ours, katya)).status, 403)
    assert.equal((await ask(ours, house.anonymous)).status, 401)
    assert.equal((await ask(ours, ours.desk, { ...person, birthDate: '2040-01-01' })).status, 400)
    const seen = await rows(
      "select subject from platform.audit_event where operation = 'findDuplicatesAtDesk' and account_id = $1",
      [ours.desk.account],
    )
    assert.deepEqual(seen, [{ subject: `Patient/${id}` }])
  })

  it('twins who share birth date, phone and surname are not suspected', async () => {
    const family = { birthDate: '2011-09-12', phone: '+12025550111', gender: 'male' }
    const one = await patient({ ...family, name: 'Kebede Alemu' })
    const other = await patient({ ...family, name: 'Tesfaye Alemu' })
    assert.equal(pairOf(await list(), one.id, other.id), undefined)
  })

  it('a pair is dismissed once, in the version that was read, and is not suggested again', async () => {
    const one = await patient({ name: 'Maria Mendoza', birthDate: '1990-12-20' })
    const other = await patient({ name: 'María Mendosa', birthDate: '1990-12-20' })
    const pair = pairOf(await list(), one.id, other.id) as Pair
    const dismiss = (headers = {}, who = ada) =>
      who.post(`/v1/duplicates/${pair.id}/dismiss`, { reason: 'Cousins; both were seen' }, headers)
    assert.equal((await dismiss()).status, 428)
    assert.equal((await dismiss(version(7))).status, 412)
    assert.equal((await dismiss(version(1), one)).status, 403)
    const answers = await Promise.all([dismiss(version(1)), dismiss(version(1))])
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 412])
    assert.equal((await dismiss(version(2))).status, 422)
    assert.equal((await ada.post(`/v1/duplicates/${nowhere}/dismiss`, { reason: 'x' }, version(1))).status, 404)
    await other.patch(`/v1/patients/${other.id}`, { name: 'Maria Mendoza' }, version(1))
    assert.equal(pairOf(await list(), one.id, other.id), undefined)
    assert.equal(pairOf(await list('?status=dismissed'), one.id, other.id)?.id, pair.id)
  })

  it('a pair that is merged is settled, and open again when that is undone; a newcomer is compared with the survivor', async () => {
    const facts = { name: 'Li Xiaoming', birthDate: '1966-02-13' }
    const one = await patient(facts)
    const other = await patient({ ...facts, name: '李小明' })
    await house.work()
    const { body } = await ada.post('/v1/merges', { survivor: one.id, replaced: other.id, reason: 'Seen' })
    assert.equal(pairOf(await list(), one.id, other.id), undefined)
    assert.ok(pairOf(await list('?status=merged'), one.id, other.id))
    const third = await patient({ ...facts, name: 'Xiaoming Li' })
    assert.ok(pairOf(await list(), one.id, third.id))
    assert.equal(pairOf(await list(), other.id, third.id), undefined)
    await ada.post(`/v1/merges/${body.id}/undo`, { reason: 'Not seen' }, version(1))
    assert.ok(pairOf(await list(), one.id, other.id))
  })

  it('pages are cut by cursor, likeliest first', async () => {
    const all = await list()
    const paged: Pair[] = []
    for (let next = ''; ; ) {
      const { body } = await ada.get(`/v1/duplicates?limit=1${next && `&cursor=${next}`}`)
      paged.push(...body.items)
      next = body.next
      if (!next) break
    }
    assert.deepEqual(paged, all)
    assert.deepEqual(
      all.map(({ score }) => score),
      all.map(({ score }) => score).sort((a, b) => b - a),
    )
    assert.equal((await ada.get('/v1/duplicates?cursor=x')).status, 400)
    assert.equal((await katya.get('/v1/duplicates')).status, 403)
  })

  it('patients that were written past the API are made comparable by a job', async () => {
    const [added] = await rows(
      `insert into registry.patient (id, name, birth_date, gender, language, zone, created_at, updated_at)
       select '018f3a5e-7c1b-7d2e-9f30-5a6b7c8d9eee', $1, $2, 'female', 'ru', 'UTC', now(), now() returning id`,
      [facts.name, facts.birthDate],
    )
    const job = house.house.services.find(({ name }) => name === 'registry')
    assert.ok(job)
    await rows("select graphile_worker.add_job('registry:match-patients', '{}')")
    await house.work()
    assert.ok(pairOf(await list(), katya.id, added.id))
  })
})

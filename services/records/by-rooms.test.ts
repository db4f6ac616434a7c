import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { labelled } from '#fhir/rooms/labels.ts'
import { findAllWithin, findOf, findWithin, readResource, readWithin } from '#fhir/rooms/read.ts'
import { expectSees, expectTreats } from '#fhir/rooms/relationship.ts'
import { timelineOf } from '#fhir/rooms/timeline.ts'
import { type Write, writeResources } from '#fhir/rooms/write.ts'
import type { Context } from '#platform/context.ts'
import type { Problem } from '#platform/errors.ts'
import { newId } from '#platform/ids.ts'
import { type Client, openTestHouse, type TestHouse } from '#platform/testing.ts'
import { transact } from '#platform/transaction.ts'
import { everything } from '#services.ts'
import { newPatient, practitionerOf } from './testing.ts'

/** A room that writes records beside its own rows. */
const roomOf = (house: TestHouse, { account }: Pick<Client, 'account'>): Context<unknown> =>
  house.house.context('scheduling', {
    actor: { kind: 'account', account, session: newId(), roles: ['practitioner'], self: {} },
    traceId: newId(),
    doing: 'test',
  })

const write = (ctx: Context<unknown>, ...writes: Write[]) => transact(ctx, (ctx) => writeResources(ctx, writes))

const pulse = (patient: string, at: string, more: object = {}) => ({
  resourceType: 'Observation',
  id: newId(),
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code: '8867-4' }] },
  subject: { reference: `Patient/${patient}` },
  effectiveDateTime: at,
  valueQuantity: { value: 72, unit: '/min', system: 'http://unitsofmeasure.org', code: '/min' },
  ...more,
})

async function opened() {
  const house = await openTestHouse(everything)
  const patient = await newPatient(house)
  const doctor = await practitionerOf(house, patient)
  return {
    house,
    patient,
    doctor,
    ctx: roomOf(house, doctor),
    [Symbol.asyncDispose]: () => house[Symbol.asyncDispose](),
  }
}

const refused = (code: string) => (error: Problem) => error.code === code

describe('what rooms write in records', () => {
  it('is what the FHIR face shows, in the transaction of the room, and audited as its doing', async () => {
    await using it = await opened()
    const { house, patient, doctor, ctx } = it
    const one = pulse(patient.id, '2031-02-01')
    const [written] = await write(ctx, { resource: one })
    assert.equal(written?.meta?.versionId, '1')
    const read = await doctor.get(`/fhir/R4/Observation/${one.id}`)
    assert.deepEqual([read.status, read.body.valueQuantity.value], [200, 72])
    const { rows } = await house.owner.query(
      `select room, action, relationship from platform.audit_event where entity = $1 and action <> 'R'`,
      [`Observation/${one.id}`],
    )
    assert.deepEqual(rows, [{ room: 'scheduling', action: 'C', relationship: 'treatment' }])
    const lost = pulse(patient.id, '2031-02-02')
    await assert.rejects(
      transact(ctx, async (ctx) => {
        await writeResources(ctx, [{ resource: lost }])
        throw new Error('the room has changed its mind')
      }),
      /changed its mind/,
    )
    assert.equal((await doctor.get(`/fhir/R4/Observation/${lost.id}`)).status, 404)
  })

  it('is refused where it is not valid, of a stranger, or made from a version that is overtaken', async () => {
    await using it = await opened()
    const { house, patient, ctx } = it
    const one = pulse(patient.id, '2031-02-01')
    await assert.rejects(write(ctx, { resource: { ...one, status: 'perhaps' } }), refused('invalid'))
    const stranger = await newPatient(house)
    await assert.rejects(write(ctx, { resource: pulse(stranger.id, '2031-02-01') }), refused('forbidden'))
    await write(ctx, { resource: one })
    await assert.rejects(write(ctx, { resource: one }), refused('lock-error'))
    await write(ctx, { resource: { ...one, status: 'amended' }, version: 1 })
    await assert.rejects(write(ctx, { resource: { ...one, status: 'corrected' }, version: 1 }), refused('lock-error'))
  })

  it('is changed by that room alone where it holds it', async () => {
    await using it = await opened()
    const { patient, doctor, ctx, house } = it
    const one = pulse(patient.id, '2031-02-01')
    await write(ctx, { resource: one, isHeld: true })
    const path = `/fhir/R4/Observation/${one.id}`
    const put = await doctor.put(path, { ...one, status: 'cancelled' })
    assert.equal(put.status, 422)
    assert.match(JSON.stringify(put.body), /kept in scheduling/)
    assert.equal((await doctor.delete(path)).status, 422)
    const patch = [{ op: 'replace', path: '/status', value: 'cancelled' }]
    assert.equal((await doctor.patch(path, patch, { 'content-type': 'application/json-patch+json' })).status, 422)
    const tag = { resourceType: 'Parameters', parameter: [{ name: 'meta', valueMeta: { tag: [{ code: 'x' }] } }] }
    assert.equal((await doctor.post(`${path}/$meta-add`, tag)).status, 422)
    const other = house.house.context('notifications', { ...ctx, actor: ctx.actor })
    await assert.rejects(
      write(other, { resource: { ...one, status: 'amended' }, version: 1 }),
      refused('business-rule'),
    )
    await write(ctx, { resource: { ...one, status: 'amended' }, version: 1, isHeld: true })
    assert.equal((await doctor.get(path)).body.status, 'amended')
  })

  it('is found and read by whoever may see it, with an audit row', async () => {
    await using it = await opened()
    const { house, patient, ctx } = it
    const [one, two] = [pulse(patient.id, '2031-02-01'), pulse(patient.id, '2031-02-02')]
    await write(ctx, { resource: one }, { resource: two })
    const search = { patient: patient.id, code: 'http://loinc.org|8867-4', _sort: '-date' }
    const ids = ({ resources }: { resources: { id: string }[] }) => resources.map(({ id }) => id)
    assert.deepEqual(ids(await findOf(ctx, 'Observation', search)), [two.id, one.id])
    assert.deepEqual(ids(await transact(ctx, (ctx) => findWithin(ctx, 'Observation', search))), [two.id, one.id])
    assert.equal((await readResource(ctx, 'Observation', one.id))?.id, one.id)
    const names = [{ type: 'Observation', id: one.id }]
    assert.equal((await transact(ctx, (ctx) => readWithin(ctx, names))).size, 1)
    const { rows } = await house.owner.query(
      `select count(*)::int as times from platform.audit_event where entity = $1 and action = 'R' and room = 'scheduling' and subject = $2`,
      [`Observation/${one.id}`, `Patient/${patient.id}`],
    )
    assert.equal(rows[0].times, 4)
    const stranger = roomOf(house, await practitionerOf(house))
    assert.deepEqual(ids(await findOf(stranger, 'Observation', search)), [])
    assert.equal(await readResource(stranger, 'Observation', one.id), undefined)
    assert.equal((await transact(stranger, (ctx) => readWithin(ctx, names))).size, 0)
  })

  it('is found by several searches in one statement, as far as whoever asks may see it, with an audit row each', async () => {
    await using it = await opened()
    const { house, patient, ctx } = it
    const about = { reference: `Patient/${patient.id}` }
    const code = { text: 'Fictional' }
    const condition = { resourceType: 'Condition', id: newId(), code, subject: about }
    const clinical = 'http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical'
    const clinicalStatus = { coding: [{ system: clinical, code: 'active' }] }
    const allergy = { resourceType: 'AllergyIntolerance', id: newId(), clinicalStatus, code, patient: about }
    const hidden = { ...allergy, id: newId(), ...labelled(['hiv']) }
    const [one, other] = [pulse(patient.id, '2031-02-01'), pulse(patient.id, '2031-02-02', { status: 'amended' })]
    await write(ctx, ...[one, other, condition, allergy, hidden].map((resource) => ({ resource })))
    await house.owner.query(`insert into platform.refusal values ($1, 'treatment', 'hiv', now())`, [patient.id])
    const mine = { patient: patient.id }
    const found = async (who: Context<unknown>) => {
      const searches = [['AllergyIntolerance', mine] as const, ['Observation', { ...mine, status: 'final' }] as const]
      const { statements, result } = await house.cost(() => transact(who, (ctx) => findAllWithin(ctx, searches)))
      return { statements, ids: result.map(({ id }) => id) }
    }
    assert.deepEqual(await found(ctx), { statements: 4, ids: [one.id, allergy.id] }) // with begin, the audit and commit
    const { rows } = await house.owner.query(
      `select entity from platform.audit_event where action = 'R' and room = 'scheduling' and subject = $1 order by entity`,
      [`Patient/${patient.id}`],
    )
    assert.deepEqual(rows, [{ entity: `AllergyIntolerance/${allergy.id}` }, { entity: `Observation/${one.id}` }])
    assert.deepEqual((await found(roomOf(house, await practitionerOf(house)))).ids, [])
    // More than is read at once.
    await house.owner.query(
      `update platform.fhir_resource set body = replace(body, 'Fictional', repeat('x', 17000000)) where id = $1`,
      [allergy.id],
    )
    await write(ctx, { resource: { ...allergy, id: newId() } }, { resource: { ...one, id: newId() } })
    const much = await found(ctx)
    assert.deepEqual([much.statements, much.ids.length], [5, 4])
  })
})

describe('how whoever asks stands to a patient', () => {
  it('says by which relationship they see the record, and refuses whoever does not, or does not treat them', async () => {
    await using it = await opened()
    const { house, patient, ctx } = it
    assert.equal(await expectTreats(ctx, patient.id), 'treatment')
    const own = roomOf(house, patient)
    assert.equal(await expectSees(own, patient.id), 'self')
    await assert.rejects(expectTreats(own, patient.id), refused('forbidden'))
    await assert.rejects(expectSees(roomOf(house, await newPatient(house)), patient.id), refused('not-found'))
    await assert.rejects(expectTreats(ctx, newId()), refused('not-found'))
  })
})

describe('the timeline of a record', () => {
  const types = ['Observation', 'Condition', 'Encounter']

  it('shows what happened from the newest, page after page, by when it was and not when it was written', async () => {
    await using it = await opened()
    const { patient, ctx } = it
    const days = ['2031-02-03', '2030-01-01', '2031-02-20', '2029-05', '2031-02-03T08:00:00+03:00']
    const all = days.map((day) => pulse(patient.id, day))
    await write(ctx, ...all.map((resource) => ({ resource })))
    const onset = { resourceType: 'Condition', id: newId(), subject: { reference: `Patient/${patient.id}` } }
    await write(ctx, { resource: { ...onset, onsetDateTime: '2030-06-01' } })
    const seen: string[] = []
    let cursor: string | undefined
    do {
      const page = await timelineOf(ctx, { patient: patient.id, types, cursor, limit: 2 })
      assert.ok(page.events.length <= 2)
      seen.push(...page.events.map(({ at }) => at))
      cursor = page.next
    } while (cursor)
    assert.deepEqual(seen, [
      '2031-02-20T00:00:00.000Z',
      '2031-02-03T05:00:00.000Z',
      '2031-02-03T00:00:00.000Z',
      '2030-06-01T00:00:00.000Z',
      '2030-01-01T00:00:00.000Z',
      '2029-05-01T00:00:00.000Z',
    ])
    const during = await timelineOf(ctx, {
      patient: patient.id,
      types,
      from: '2031-01-01',
      until: '2031-02-10',
      limit: 9,
    })
    assert.equal(during.events.length, 2)
  })

  it('has no gap and no page too many where some of it may not be seen', async () => {
    await using it = await opened()
    const { house, patient, ctx } = it
    const secret = { meta: { security: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'HIV' }] } }
    const all = [1, 2, 3, 4, 5, 6].map((day) => pulse(patient.id, `2031-02-0${day}`, day % 2 ? secret : {}))
    await write(ctx, ...all.map((resource) => ({ resource })))
    assert.equal((await timelineOf(ctx, { patient: patient.id, types, limit: 9 })).events.length, 6)
    await house.owner.query(`insert into platform.refusal values ($1, 'treatment', 'hiv', now())`, [patient.id])
    const page = await timelineOf(ctx, { patient: patient.id, types, limit: 3 })
    assert.deepEqual(
      page.events.map(({ at }) => at.slice(8, 10)),
      ['06', '04', '02'],
    )
    assert.equal(page.next, undefined)
  })
})

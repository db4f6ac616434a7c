import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { TestHouse } from '#platform/testing.ts'
import { MOST_TASKS, readDueCareTasks } from '../contract/tasks.ts'
import {
  activity,
  at,
  contextOf,
  doctorOf,
  mandateOf,
  newPatient,
  openFamily,
  ownOf,
  plan,
  planOf,
  run,
} from './testing.ts'

const daily = (timesOfDay: string[]) => ({ schedule: { timesOfDay, from: '2031-03-01' } })

/** What was announced and nobody has been told of yet: the tasks of each event. */
async function announced(house: TestHouse): Promise<string[][]> {
  const { rows } = await house.owner.query(
    `select j.payload from graphile_worker._private_jobs j join graphile_worker._private_tasks t on t.id = j.task_id
     where t.identifier = 'notifications:event' and j.payload->>'event' = 'CareTasks.due' order by j.id`,
  )
  return rows.map((row) => row.payload.payload.tasks)
}

/** Of whom the inbox has how many messages, by their template. */
async function toldOf(house: TestHouse, who: { account: string }) {
  const { rows } = await house.owner.query(
    'select template, params, resource, subject_id from notifications.notification where account_id = $1 order by seq',
    [who.account],
  )
  return rows
}

const due = (house: TestHouse, tasks: string[]) =>
  contextOf(house)
    .call(readDueCareTasks, { body: { tasks } })
    .then(({ items }) => items)

describe('what is due', () => {
  it('is announced once, when its time has come, and not what lies ahead', async () => {
    await using family = await openFamily()
    const { house, patient } = family
    await plan(house, planOf(patient, [activity(daily(['08:00', '08:01'])), activity(daily(['08:00']))]))
    await run(house, 'tell-due')
    assert.deepEqual(await announced(house), [])
    house.setNow(at('08:00'))
    await run(house, 'tell-due')
    const [first] = await announced(house)
    assert.equal(first?.length, 2)
    await run(house, 'tell-due')
    assert.equal((await announced(house)).length, 1)
    house.setNow(at('08:01'))
    await run(house, 'tell-due')
    assert.deepEqual(
      (await announced(house)).map((tasks) => tasks.length),
      [2, 1],
    )
  })

  it('is told to who is to do it, each once for all that is due at the time, with references alone', async () => {
    await using family = await openFamily()
    const { house, patient, daughter } = family
    const hers = { performer: { role: 'caregiver' as const, mandate: daughter.mandate } }
    const canary = { instruction: 'The canary sings' }
    await plan(
      house,
      planOf(patient, [
        activity({ ...daily(['08:00']), ...canary }),
        activity({ ...daily(['08:00']), ...hers, ...canary }),
        activity({ ...daily(['08:00']), ...hers, ...canary }),
      ]),
    )
    house.setNow(at('08:00'))
    await run(house, 'tell-due')
    await house.work()
    const [own, ...more] = await toldOf(house, patient)
    assert.deepEqual([own.template, own.params.tasks.length, more], ['care-task.patient', 1, []])
    const told = await toldOf(house, daughter)
    assert.equal(told.length, 1)
    const [{ template, params, resource, subject_id }] = told
    assert.deepEqual([template, params.tasks.length, subject_id], ['care-task.caregiver', 2, patient.id])
    assert.equal(resource, `CareTask/${params.tasks[0]}`)
    assert.doesNotMatch(JSON.stringify([own, told]), /canary|Saba/)
    const { rows } = await house.owner.query(
      `select relationship, account_id from platform.audit_event where reason = 'told' and subject = $1`,
      [`Patient/${patient.id}`],
    )
    assert.deepEqual(rows, [{ relationship: 'mandate', account_id: daughter.account }])
    await daughter.end()
    assert.deepEqual((await daughter.get('/v1/notifications')).body.items, [])
  })

  it('names nobody to whom it is about several people', async () => {
    await using family = await openFamily()
    const { house, patient, daughter } = family
    const father = await newPatient(house)
    const mandate = await mandateOf(house, daughter, father)
    for (const [person, by] of [
      [patient, daughter.mandate],
      [father, mandate],
    ] as const)
      await plan(
        house,
        planOf(person, [activity({ ...daily(['08:00']), performer: { role: 'caregiver', mandate: by } })]),
      )
    house.setNow(at('08:00'))
    await run(house, 'tell-due')
    await house.work()
    const told = await toldOf(house, daughter)
    assert.deepEqual(
      told.map(({ template, subject_id, params }) => [template, subject_id, params.tasks.length]),
      [['care-task.caregiver', null, 2]],
    )
  })

  it('is audited by what each does it as, also of one who does it as several', async () => {
    await using family = await openFamily()
    const { house, patient } = family
    const [neighbour, father] = [await newPatient(house), await newPatient(house)]
    const doctor = await doctorOf(house, patient)
    const caregiver = (mandate: string) => activity({ ...daily(['08:00']), performer: { role: 'caregiver', mandate } })
    const practitioner = activity({
      ...daily(['08:00']),
      performer: { role: 'practitioner', practitioner: doctor.id },
    })
    await plan(house, planOf(neighbour, [activity(daily(['08:00']))]))
    await plan(house, planOf(patient, [caregiver(await mandateOf(house, neighbour, patient)), practitioner]))
    await plan(house, planOf(father, [caregiver(await mandateOf(house, doctor, father))]))
    house.setNow(at('08:00'))
    await run(house, 'tell-due')
    await house.work()
    const { rows } = await house.owner.query(
      `select account_id, subject, relationship from platform.audit_event where reason = 'told'`,
    )
    const told = rows.map((row) => [row.account_id, row.subject, row.relationship])
    assert.deepEqual(
      told.toSorted(),
      [
        [neighbour.account, `Patient/${patient.id}`, 'mandate'],
        [doctor.account, `Patient/${patient.id}`, 'treatment'],
        [doctor.account, `Patient/${father.id}`, 'mandate'],
      ].toSorted(),
    )
  })

  it('is told to nobody once it was done, nor where it was forgotten for longer than its time', async () => {
    await using family = await openFamily()
    const { house, patient } = family
    await plan(house, planOf(patient, [activity(daily(['08:00', '13:00']))]))
    house.setNow(at('08:00'))
    const [task] = await ownOf(patient)
    await run(house, 'tell-due')
    assert.equal((await due(house, [task.id])).length, 1)
    await patient.post(`/v1/care-tasks/${task.id}/done`, {})
    assert.deepEqual(await due(house, [task.id]), [])
    await house.work()
    assert.deepEqual(await toldOf(house, patient), [])
    house.setNow(at('17:00')) // nothing ran from one o’clock on
    await run(house, 'tell-due')
    assert.deepEqual(await announced(house), [])
    await house.work()
    assert.deepEqual(await toldOf(house, patient), [])
  })

  it('is told to the patient where the mandate has ended, and to them alone where nothing may leave the house', async () => {
    await using family = await openFamily()
    const { house, patient, daughter } = family
    const performer = { role: 'caregiver' as const, mandate: daughter.mandate }
    await plan(house, planOf(patient, [activity({ ...daily(['08:00']), performer })]))
    house.setNow(at('08:00'))
    const [task] = await ownOf(daughter)
    const told = async () => (await due(house, [task.id])).map(({ account, role, leaves }) => [account, role, leaves])
    assert.deepEqual(await told(), [[daughter.account, 'caregiver', true]])
    await house.owner.query(
      `insert into platform.refusal (subject_id, purpose, category, since) values ($1, 'messages', 'general', now())`,
      [patient.id],
    )
    assert.deepEqual(await told(), [[patient.account, 'patient', false]])
    await house.owner.query('delete from platform.refusal')
    await daughter.end()
    assert.deepEqual(await told(), [[patient.account, 'patient', true]])
  })

  it('is announced some hundred at a time, each once, also by two who do it at once', async () => {
    await using family = await openFamily()
    const { house, patient } = family
    const many = 2 * MOST_TASKS + 100
    await plan(
      house,
      planOf(
        patient,
        Array.from({ length: many }, () => activity(daily(['08:00']))),
      ),
    )
    house.setNow(at('08:00'))
    await Promise.all([run(house, 'tell-due'), run(house, 'tell-due')])
    const batches = await announced(house)
    assert.ok(batches.every((tasks) => tasks.length <= MOST_TASKS))
    assert.deepEqual([batches.flat().length, new Set(batches.flat()).size], [many, many])
  })

  it('costs as many statements for five hundred as for one', async () => {
    await using family = await openFamily()
    const { house, patient } = family
    const cost = async (many: number, time: string) => {
      await plan(
        house,
        planOf(
          patient,
          Array.from({ length: many }, () => activity(daily([time]))),
        ),
      )
      house.setNow(at(time))
      return (await house.cost(() => run(house, 'tell-due'))).statements
    }
    const few = await cost(1, '08:10')
    assert.equal(await cost(MOST_TASKS - 1, '08:20'), few)
  })
})

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import pg from 'pg'
import { moveClock, movedBy } from '../moving-clock.ts'
import { type Form, forms, inWords, type RunningHouse, startHouse } from '../processes.ts'
import { administratorVerifies, eventually, ifMatch, type Person, signIn, signUp } from './people.ts'

// Three months with high blood pressure: over HTTP against real processes whose clock is moved, which the jobs of the night are asked for by name.

const [HOUR, DAY] = [3_600_000, 86_400_000]
const folder = mkdtempSync(join(tmpdir(), 'openhcs-clock-'))
after(() => rmSync(folder, { recursive: true, force: true }))

const about = { gender: 'female', language: 'en', zone: 'Etc/UTC' }
const pressure = { coding: [{ system: 'http://loinc.org', code: '8480-6', display: 'Systolic blood pressure' }] }
const dateOf = (at: number) => new Date(at).toISOString().slice(0, 10)

async function run({ databaseUrls }: RunningHouse, ...jobs: string[]): Promise<void> {
  const owner = new pg.Client({ connectionString: databaseUrls.ownerUrl })
  await owner.connect()
  for (const job of jobs) await owner.query('select graphile_worker.add_job($1)', [`care_plans:${job}`])
  await owner.end()
}

const titles = async (who: Person): Promise<string[]> =>
  (await who.ask(200, 'GET', '/v1/notifications')).body.items.map(({ title }: { title: string }) => title)

interface Task {
  id: string
  dueAt: string
  status: string
}

async function people(house: RunningHouse) {
  const doctor = await signUp(house, 'okello', 'Dr Amina Okello')
  const facts = { name: 'Dr Amina Okello', gender: 'female', languages: ['en'], specialities: ['cardiology'] }
  const practitioner = (await doctor.ask(201, 'POST', '/v1/practitioners', facts)).body.id as string
  await administratorVerifies(house, doctor, practitioner)
  const [saba, hana] = [await signUp(house, 'saba', 'Saba Tesfaye'), await signUp(house, 'hana', 'Hana Bekele')]
  const patient = (
    await saba.ask(201, 'POST', '/v1/patients', { name: 'Saba Tesfaye', birthDate: '1950-06-05', ...about })
  ).body.id as string
  const { code } = (await hana.ask(201, 'POST', '/v1/caregivers', { name: 'Hana Bekele', language: 'en' })).body
  const powers = ['see-record', 'receive-messages']
  const wish = { patient, caregiverCode: code, powers }
  const mandate = (await saba.ask(201, 'POST', '/v1/mandates', wish)).body.id as string
  await hana.ask(200, 'POST', `/v1/mandates/${mandate}/accept`)
  return { doctor, saba, hana, practitioner, patient, mandate }
}

/** She books the visit at the end of the three months: until then, and for a month, she is treated. */
async function booked({ doctor, saba, practitioner, patient }: Awaited<ReturnType<typeof people>>) {
  const hours = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'].map((day) => ({ day, from: '09:00', until: '12:00' }))
  const zoned = { zone: 'Etc/UTC', modes: ['video'], minutes: 30 }
  await doctor.ask(201, 'POST', '/v1/schedules', { ...zoned, hours, validFrom: dateOf(Date.now()) })
  const start = `${dateOf(Date.now() + 85 * DAY)}T09:00:00Z`
  await eventually('the visit is booked', async () => {
    const body = { practitioner, patient, start }
    const answer = await doctor.house.ask('POST', '/v1/appointments', { token: saba.token, body })
    return answer.status === 201
  })
}

/** Of a condition, as the clinic treats it. */
const template = {
  title: 'High blood pressure, newly found',
  condition: { text: 'Hypertension', coding: [{ system: 'http://hl7.org/fhir/sid/icd-10', code: 'I10' }] },
  ...{ lastsDays: 90, reviewAfterDays: 30 },
  goals: [
    {
      what: { text: 'A lower pressure' },
      targets: [{ measure: pressure, within: { high: 140, unit: 'mm[Hg]' }, afterDays: 90 }],
    },
  ],
  activities: [
    {
      ...{ instruction: 'Take the tablet', kind: 'medicine', role: 'patient' },
      schedule: { timesOfDay: ['08:00'] },
    },
    {
      ...{ instruction: 'Measure the blood pressure', kind: 'measurement', role: 'caregiver' },
      schedule: { timesOfDay: ['08:00'] },
    },
  ],
} as const

async function journey(form: Form): Promise<void> {
  const clock = join(folder, form)
  writeFileSync(clock, '0')
  await using house = await startHouse(form, movedBy(clock))
  const all = await people(house)
  const { doctor, saba, hana, patient, mandate } = all
  await booked(all)
  const begin = Date.parse(`${dateOf(Date.now() + DAY)}T00:00:00Z`)
  /** So many days and hours after the plan begins; sessions do not last so long. */
  const later = async (days: number, hours: number) => {
    moveClock(clock, begin + days * DAY + hours * HOUR - Date.now())
    for (const [person, name] of [
      [doctor, 'okello'],
      [saba, 'saba'],
      [hana, 'hana'],
    ] as const) {
      person.token = undefined
      await signIn(person, name)
    }
  }

  // A tablet, and a plan from the template of the clinic, with what the daughter does.
  const made = await doctor.ask(201, 'POST', '/v1/care-plan-templates', template)
  const what = { text: 'Amlodipine 5 mg', coding: [{ system: 'http://www.whocc.no/atc', code: 'C08CA01' }] }
  const dose = { amount: { value: 1, form: 'tablet' }, times: { count: 1, every: { count: 1, unit: 'day' } } }
  const path = `/v1/patients/${patient}`
  const prescribed = await eventually('she is treated', async () => {
    const body = { what, doses: [dose] }
    const answer = await house.ask('POST', `${path}/prescriptions`, { token: doctor.token, body })
    return answer.status === 201 && answer
  })
  const wish = { template: made.body.id, mandate, from: dateOf(begin) }
  const first = await doctor.ask(201, 'POST', `${path}/care-plans`, wish)
  const plan = `/v1/care-plans/${first.body.id}`
  const sent = ({ body }: { body: Record<string, unknown> }, more: object) => {
    const { title, from, to, reviewOn, zone, goals, activities } = body
    return { title, from, to, reviewOn, zone, goals, activities, ...more }
  }
  const [tablet, measuring] = first.body.activities
  const activities = [{ ...tablet, prescription: prescribed.body.id }, measuring]
  const second = await doctor.ask(200, 'PUT', plan, sent(first, { activities }), ifMatch(first))
  await doctor.ask(412, 'PUT', plan, sent(first, { title: 'Another' }), ifMatch(first))
  assert.equal((await saba.ask(200, 'GET', plan)).body.activities[0].prescription, prescribed.body.id)

  // The first morning: each is told of what is theirs, and says what came of it.
  await later(0, 8.1)
  await run(house, 'tell-due')
  await eventually('both are told', async () => {
    const own = (await titles(saba)).includes('Something in your care plan is due')
    return own && (await titles(hana)).includes('Something that you do for somebody you care for is due')
  })
  const dueBy = async (who: Person): Promise<Task> => {
    const { items } = (await who.ask(200, 'GET', '/v1/care-tasks')).body
    return items.find(({ dueAt }: Task) => Date.parse(dueAt) === begin + 8 * HOUR) as Task
  }
  const [hers, daughters] = [await dueBy(saba), await dueBy(hana)]
  assert.notEqual(hers.id, daughters.id)
  assert.equal((await saba.ask(200, 'POST', `/v1/care-tasks/${hers.id}/done`, {})).body.status, 'done')
  await hana.ask(200, 'POST', `/v1/care-tasks/${daughters.id}/done`, { note: '152 over 90' })
  await later(1, 8.1)
  const { items } = (await hana.ask(200, 'GET', '/v1/care-tasks')).body
  const next = items.find(({ dueAt }: Task) => Date.parse(dueAt) === begin + DAY + 8 * HOUR)
  await hana.ask(200, 'POST', `/v1/care-tasks/${next.id}/skip`, { note: 'She was asleep' })

  // After a month the doctor is told to look again, sees how it went, and changes the plan; Saba reads what is different.
  await later(30, 9)
  await run(house, 'extend-horizon', 'announce-reviews')
  await eventually('the review is told', async () =>
    (await titles(doctor)).includes('A care plan is to be looked at again'),
  )
  const counted = async (who: Person, days: number) => {
    const window = `from=${new Date(begin).toISOString()}&to=${new Date(begin + days * DAY).toISOString()}`
    return (await who.ask(200, 'GET', `${plan}/adherence?${window}`)).body.activities
  }
  const counts = await counted(doctor, 2)
  const of = (id: string) => counts.find(({ activity }: { activity: string }) => activity === id)
  const [own, daughter] = [of(tablet.id), of(measuring.id)]
  assert.deepEqual([own.due, own.done, own.missed, daughter.due, daughter.done, daughter.skipped], [2, 1, 1, 2, 1, 1])
  const now = await doctor.ask(200, 'GET', plan)
  const from = dateOf(begin + 30 * DAY)
  const change = {
    goals: [{ ...now.body.goals[0], achievement: 'improving' }],
    activities: [
      now.body.activities[0],
      { ...now.body.activities[1], schedule: { timesOfDay: ['08:00'], everyDays: 2, from } },
    ],
    reviewOn: undefined,
    reason: 'The pressure is lower',
  }
  const third = await doctor.ask(200, 'PUT', plan, sent(now, change), ifMatch(now))
  const { changes } = (await saba.ask(200, 'GET', `${plan}/difference?from=2&to=3`)).body
  const texts: string[] = changes.map(({ text }: { text: string }) => text)
  assert.equal(texts.length, 3)
  assert.match(texts[1] ?? '', /^Goal “A lower pressure”: achievement: in progress → improving$/)
  assert.match(
    texts[2] ?? '',
    /^Activity “Measure the blood pressure”: when: 08:00, each day, .* → 08:00, every 2 days, /,
  )

  // At the end of the three months it is completed: nothing more is due, and all of it can be read.
  await later(85, 10)
  await doctor.ask(200, 'POST', `${plan}/status`, { status: 'completed', reason: 'Below 140' }, ifMatch(third))
  assert.deepEqual((await saba.ask(200, 'GET', '/v1/care-tasks?status=due')).body.items, [])
  const versions = (await hana.ask(200, 'GET', `${plan}/versions`)).body.items
  assert.deepEqual(
    versions.map(({ status, reason }: { status: string; reason?: string }) => [status, reason]),
    [
      ['completed', 'Below 140'],
      ['active', 'The pressure is lower'],
      ['active', undefined],
      ['active', undefined],
    ],
  )
  assert.equal((await saba.ask(200, 'GET', `${plan}?version=2`)).body.version, second.body.version)
  const verified = await house.command(['audit', 'verify'])
  assert.equal(verified.code, 0, verified.output)
}

describe('a chronic patient’s plan over three months, with the daughter’s tasks', () => {
  for (const form of forms) it(inWords[form], () => journey(form))
})

import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { SHLViewer } from 'kill-the-clipboard'
import { system } from '#platform/auth.ts'
import type { Context } from '#platform/context.ts'
import { newId } from '#platform/ids.ts'
import type { Person } from '#platform/person.ts'
import type { Client, TestHouse } from '#platform/testing.ts'
import { aboutPerson } from '../about-person.ts'
import { erase } from '../erase.ts'
import { linkIn } from '../health-cards/link.ts'
import { decryptFile } from '../health-cards/link-files.ts'
import type { ReportsTables } from '../tables.ts'
import { caregiverOf, letter, made as madeReport, newPatient, openPractice, practitionerOf } from '../testing.ts'
import { dropContent } from './people.ts'
import { allergy, grant, vaccination, written } from './testing.ts'

const expiresAt = '2031-03-08T08:00:00Z'
const wish = (more: object = {}) => ({ what: 'summary', expiresAt, ...more })

const asHouse = ({ house }: TestHouse) =>
  house.context('reports', { actor: system, traceId: newId(), doing: 'test' }) as Context<ReportsTables>

// biome-ignore lint/suspicious/noExplicitAny: tests look into answers whose shape they assert
type Any = any

async function made(who: Client, patient: { id: string }, more: object = {}) {
  const { status, body } = await who.post(`/v1/patients/${patient.id}/health-links`, wish(more))
  assert.equal(status, 201, JSON.stringify(body))
  const link = linkIn(body.link)
  assert.ok(link)
  return { ...body, path: new URL(link.url).pathname, key: link.key, shl: link } as Any
}

const opened = ({ anonymous }: TestHouse, path: string, more: object = {}) =>
  anonymous.post(path, { recipient: 'Port Selam Clinic', ...more })

const listed = async (who: Client, patient: { id: string }) =>
  (await who.get(`/v1/patients/${patient.id}/health-links`)).body.items as Any[]

async function shared(house: TestHouse, path: string, key: string, more: object = {}) {
  const { status, body } = await opened(house, path, more)
  assert.equal(status, 200, JSON.stringify(body))
  const file = await decryptFile(key, body.files[0].embedded)
  return { manifest: body, content: JSON.parse(String(file?.content)), contentType: file?.contentType }
}

describe('POST /v1/patients/:id/health-links', async () => {
  const { house, patient, doctor } = await openPractice()
  after(() => house[Symbol.asyncDispose]())
  await written(doctor, vaccination(patient))
  await written(doctor, allergy(patient))

  it('shares the summary as it is now, in a link that a stranger opens without an account', async () => {
    const link = await made(patient, patient, { label: 'For the clinic in Port Selam' })
    assert.deepEqual(
      { ...link.shl, url: link.shl.url.replace(/[\w-]{43}$/, '') },
      {
        ...{ url: 'http://openhcs.test/shl/', key: link.key, label: 'For the clinic in Port Selam' },
        ...{ needsPasscode: false, isLongTerm: false, isOneFile: false, expiresAt: new Date(expiresAt) },
      },
    )
    const { content, contentType, manifest } = await shared(house, link.path, link.key)
    assert.equal(contentType, 'application/fhir+json')
    assert.equal(content.type, 'document')
    assert.match(JSON.stringify(content), /Penicillin/)
    assert.equal(manifest.files[0].status, 'finalized')
    await written(doctor, allergy(patient, { code: { text: 'Latex' } }))
    assert.doesNotMatch(JSON.stringify((await shared(house, link.path, link.key)).content), /Latex/)
  })

  it('keeps neither the key nor the secret of the address, in rows or in the log', async () => {
    const lines: string[] = []
    await using ward = await openPractice({ log: (line) => lines.push(line) })
    const link = await made(ward.patient, ward.patient, { passcode: '4711-0815' })
    await shared(ward.house, link.path, link.key, { passcode: '4711-0815' })
    const again = await ward.patient.post(`/v1/patients/${ward.patient.id}/health-links`, wish(), {
      'idempotency-key': 'once',
    })
    const secrets = [link.key, link.path.slice('/shl/'.length), '4711-0815', linkIn(again.body.link)?.key ?? '']
    const { rows } = await ward.house.owner.query(
      `select schemaname || '.' || tablename as name from pg_tables where schemaname in ('platform', 'reports', 'records', 'identity', 'registry')`,
    )
    for (const { name } of rows) {
      const found = await ward.house.owner.query(`select t::text as row from ${name} t`)
      for (const { row } of found.rows)
        for (const secret of secrets) assert.ok(!row.includes(secret), `${name}: ${row.slice(0, 200)}`)
    }
    for (const line of lines) for (const secret of secrets) assert.ok(!line.includes(secret), line)
  })

  it('shares a card of vaccinations, which a foreign reader opens', async () => {
    const link = await made(patient, patient, { what: 'immunizations' })
    const { content, contentType } = await shared(house, link.path, link.key)
    assert.equal(contentType, 'application/smart-health-card')
    assert.equal(content.verifiableCredential.length, 1)
    const nobody = await newPatient(house, 'Bekele Tadesse')
    const { status } = await nobody.post(`/v1/patients/${nobody.id}/health-links`, wish({ what: 'immunizations' }))
    assert.equal(status, 422, 'of no vaccination there is no card')
  })

  it('shares a report as it was signed, of this patient, and none that was an error', async () => {
    const report = await madeReport(doctor, patient, { kind: 'referral-letter', letter })
    const link = await made(patient, patient, { what: 'report', report: report.id })
    const { content, contentType } = await shared(house, link.path, link.key)
    assert.equal(contentType, 'application/fhir+json')
    assert.match(JSON.stringify(content), /Echocardiogram/)
    assert.equal(link.report, report.id)
    const other = await newPatient(house, 'Bekele Tadesse')
    await grant(house, doctor, other, 'treatment', ['see-record'])
    const refused = async (of: { id: string }) =>
      (await doctor.post(`/v1/patients/${of.id}/health-links`, wish({ what: 'report', report: report.id }))).status
    assert.equal(await refused(other), 404)
    const edit = (...words: string[]) =>
      house.owner.query(
        `update platform.fhir_resource set body = replace(body, $1, $2) where type = 'Bundle' and id = $3`,
        [...words, report.id],
      )
    await edit('Echocardiogram', 'Electrocardiogram')
    assert.equal(await refused(patient), 422)
    await edit('Electrocardiogram', 'Echocardiogram')
    const path = `/v1/reports/${report.id}/entered-in-error`
    const error = await doctor.post(path, { reason: 'Another patient' }, { 'if-match': '"1"' })
    assert.equal(error.status, 200, JSON.stringify(error.body))
    assert.equal(await refused(patient), 422)
  })

  it('shares a report no more once it was an error: nobody opens it, whoever made the link', async () => {
    const report = await madeReport(doctor, patient, { kind: 'referral-letter', letter })
    const other = await madeReport(doctor, patient, { kind: 'referral-letter', letter })
    const colleague = await practitionerOf(house, patient)
    const links = [
      await made(patient, patient, { what: 'report', report: report.id }),
      await made(colleague, patient, { what: 'report', report: report.id, isOneFile: true }),
    ]
    const another = await made(patient, patient, { what: 'report', report: other.id })
    const wrong = await doctor.post(
      `/v1/reports/${report.id}/entered-in-error`,
      { reason: 'Another patient' },
      { 'if-match': '"1"' },
    )
    assert.equal(wrong.status, 200, JSON.stringify(wrong.body))
    for (const { path } of links) assert.equal((await opened(house, path)).status, 404)
    const stands = (await listed(patient, patient)).filter(({ id }) => links.some((one) => one.id === id))
    assert.deepEqual(
      stands.map(({ status }) => status),
      ['revoked', 'revoked'],
    )
    const ids = links.map(({ id }) => id)
    const { rows } = await house.owner.query('select content from reports.health_link where id = any ($1)', [ids])
    assert.deepEqual(rows, [{ content: null }, { content: null }])
    await shared(house, another.path, another.key)
  })

  it('is refused with its place where it cannot be', async () => {
    const refused = async (more: object) => {
      const { status, body } = await patient.post(`/v1/patients/${patient.id}/health-links`, wish(more))
      return [status, body.errors?.[0]?.pointer]
    }
    assert.deepEqual(await refused({ expiresAt: '2031-03-01T08:00:00Z' }), [422, '/body/expiresAt'])
    assert.deepEqual(await refused({ expiresAt: '2033-01-01T00:00:00Z' }), [422, '/body/expiresAt'])
    assert.deepEqual(await refused({ what: 'report' }), [422, '/body/report'])
    assert.deepEqual(await refused({ report: newId() }), [422, '/body/report'])
    assert.deepEqual(await refused({ isOneFile: true, passcode: '1234' }), [422, '/body/passcode'])
    assert.deepEqual(await refused({ label: 'x'.repeat(81) }), [400, '/body/label'])
    assert.deepEqual((await refused({ what: 'report', report: newId() }))[0], 404)
  })

  it('is for the patient, caregivers who see the record and those who treat; each sees what they made, the patient all', async () => {
    const seeing = await caregiverOf(house, patient, ['see-record'])
    const byPatient = await made(patient, patient)
    const byCaregiver = await made(seeing, patient)
    const byDoctor = await made(doctor, patient)
    const ids = async (who: Client) => (await listed(who, patient)).map(({ id }) => id)
    assert.deepEqual(await ids(seeing), [byCaregiver.id])
    assert.deepEqual(await ids(doctor), [byDoctor.id])
    assert.deepEqual((await ids(patient)).slice(0, 3), [byDoctor.id, byCaregiver.id, byPatient.id])
    const stranger = await newPatient(house, 'Bekele Tadesse')
    const paying = await caregiverOf(house, patient, ['pay'])
    const url = `/v1/patients/${patient.id}/health-links`
    for (const who of [stranger, paying]) {
      assert.equal((await who.post(url, wish())).status, 404)
      assert.equal((await who.get(url)).status, 404)
    }
    assert.equal((await house.anonymous.post(url, wish())).status, 401)
    for (const who of [stranger, doctor])
      assert.equal((await who.delete(`/v1/health-links/${byPatient.id}`)).status, 404)
    assert.equal((await patient.delete(`/v1/health-links/${byDoctor.id}`)).status, 204)
    assert.equal((await doctor.delete(`/v1/health-links/${byDoctor.id}`)).status, 404)
  })
})

describe('POST /shl/:secret', async () => {
  const { house, patient, doctor } = await openPractice()
  after(() => house[Symbol.asyncDispose]())
  await written(doctor, vaccination(patient))
  const gone = async (path: string, more: object = {}) => {
    const { status, body } = await opened(house, path, more)
    const { traceId: _, ...problem } = body
    return JSON.stringify([status, problem])
  }

  it('tells who opened it, and when: a name is what a stranger wrote', async () => {
    const link = await made(patient, patient)
    for (const recipient of ['Port Selam Clinic', '<script>alert(1)</script>\u202e\u0007 x'])
      assert.equal((await opened(house, link.path, { recipient })).status, 200)
    const [{ opened: count, openings }] = (await listed(patient, patient)).filter(({ id }) => id === link.id)
    assert.equal(count, 2)
    const recipients = openings.map(({ recipient }: { recipient: string }) => recipient).toSorted()
    assert.deepEqual(recipients, ['<script>alert(1)</script> x', 'Port Selam Clinic'])
    const log = await patient.get(`/v1/patients/${patient.id}/access-log`)
    assert.match(JSON.stringify(log.body), /opened a link by which your record is shared/)
  })

  it('is refused without a recipient, or in another form', async () => {
    const { path } = await made(patient, patient)
    for (const body of [
      {},
      { recipient: '' },
      { recipient: 1 },
      { recipient: 'x'.repeat(301) },
      { recipient: 'x', passcode: 1 },
    ])
      assert.equal((await house.anonymous.post(path, body)).status, 400)
  })

  it('counts wrong passcodes in the whole life of a link, however many are tried at once', async () => {
    const { path, key, id } = await made(patient, patient, { passcode: '4711' })
    const tries = await Promise.all(
      Array.from({ length: 30 }, (_, n) => opened(house, path, { passcode: String(n), recipient: `Guesser ${n}` })),
    )
    const remaining = tries.flatMap(({ status, body }) => (status === 401 ? [body.remainingAttempts as number] : []))
    assert.deepEqual(
      remaining.toSorted((a, b) => a - b),
      [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    )
    assert.equal(tries.filter(({ status }) => status === 404).length, 20)
    assert.equal((await opened(house, path, { passcode: '4711' })).status, 404)
    assert.equal((await listed(patient, patient)).find((one) => one.id === id)?.status, 'locked')
    const other = await made(patient, patient, { passcode: '4711' })
    assert.deepEqual((await opened(house, other.path)).body, { remainingAttempts: 9 })
    await shared(house, other.path, other.key, { passcode: '4711' })
    assert.deepEqual((await opened(house, other.path, { passcode: '1' })).body, { remainingAttempts: 8 })
    assert.ok(key)
  })

  it('opens nothing once it has expired, was revoked, is locked or never was: all alike', async () => {
    const [revoked, expired] = [await made(patient, patient), await made(patient, patient)]
    await shared(house, revoked.path, revoked.key)
    const never = await gone(`/shl/${'A'.repeat(43)}`)
    assert.match(never, /^\[404,/)
    assert.equal((await patient.delete(`/v1/health-links/${revoked.id}`)).status, 204)
    assert.equal(await gone(revoked.path), never)
    const { rows } = await house.owner.query('select content from reports.health_link where id = $1', [revoked.id])
    assert.deepEqual(rows, [{ content: null }])
    const again = house.owner.query(`update reports.health_link set content = 'x' where id = $1`, [revoked.id])
    await assert.rejects(again, { code: '23514' })
    house.setNow(expiresAt)
    assert.equal(await gone(expired.path), never)
    assert.equal((await listed(patient, patient)).find((one) => one.id === expired.id)?.status, 'expired')
    house.setNow('2031-03-01T08:00:00Z')
  })

  it('opens no longer than whoever made it sees the record', async () => {
    const seeing = await caregiverOf(house, patient, ['see-record'])
    const link = await made(seeing, patient)
    await shared(house, link.path, link.key)
    await house.owner.query('update platform.access_grant set revoked_at = $1 where account_id = $2', [
      '2031-03-01T07:00:00Z',
      seeing.account,
    ])
    assert.equal((await opened(house, link.path)).status, 404)
  })

  it('gives the file apart where it is wanted so, at an address that lives some minutes', async () => {
    const link = await made(patient, patient)
    const { body } = await opened(house, link.path, { embeddedLengthMax: 10 })
    const [{ location, embedded }] = body.files
    assert.equal(embedded, undefined)
    const path = new URL(location).pathname
    const fetched = await house.anonymous.get(path)
    assert.equal(fetched.status, 200)
    assert.equal(fetched.headers['content-type'], 'application/jose')
    assert.ok(await decryptFile(link.key, fetched.body))
    assert.equal((await house.anonymous.get(`${path.slice(0, -1)}${path.endsWith('A') ? 'B' : 'A'}`)).status, 404)
    house.setNow('2031-03-01T08:11:00Z')
    assert.equal((await house.anonymous.get(path)).status, 404)
    house.setNow('2031-03-01T08:00:00Z')
    await patient.delete(`/v1/health-links/${link.id}`)
    assert.equal((await house.anonymous.get(path)).status, 404)
  })

  it('gives one file directly where the link says so, and nothing by the other way', async () => {
    const direct = await made(patient, patient, { isOneFile: true })
    const { status, body } = await house.anonymous.get(`${direct.path}?recipient=Clinic`)
    assert.equal(status, 200)
    assert.ok(await decryptFile(direct.key, body))
    assert.equal((await house.anonymous.get(direct.path)).status, 400)
    assert.equal((await opened(house, direct.path)).status, 404)
    const other = await made(patient, patient)
    assert.equal((await house.anonymous.get(`${other.path}?recipient=Clinic`)).status, 404)
  })

  it('is open to pages of other origins', async () => {
    const { path } = await made(patient, patient)
    const origin = { origin: 'https://viewer.example' }
    const asked = await house.app.inject({
      method: 'OPTIONS',
      url: path,
      headers: { ...origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type' },
    })
    assert.equal(asked.statusCode, 204)
    assert.equal(asked.headers['access-control-allow-origin'], '*')
    assert.match(String(asked.headers['access-control-allow-headers']), /content-type/i)
    const { headers } = await house.anonymous.post(path, { recipient: 'x' }, origin)
    assert.equal(headers['access-control-allow-origin'], '*')
    assert.equal(headers['cache-control'], 'no-store')
  })
})

describe('a link by somebody who sees less by now', async () => {
  const { house, doctor } = await openPractice()
  after(() => house[Symbol.asyncDispose]())

  it('opens no longer than whoever made it may share what is in it: a category that is refused, an emergency', async () => {
    const whom = await newPatient(house)
    await grant(house, doctor, whom, 'treatment', ['see-record'])
    const hiv = { security: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'HIV' }] }
    await written(doctor, allergy(whom, { meta: hiv }))
    await written(doctor, vaccination(whom, { meta: hiv }))
    const report = await madeReport(doctor, whom, { kind: 'referral-letter', letter, category: 'hiv' })
    const seeing = await caregiverOf(house, whom, ['see-record', 'see-sensitive'])
    const shares = [{}, { what: 'immunizations' }, { what: 'report', report: report.id }]
    const byDoctor = await Promise.all(shares.map((more) => made(doctor, whom, more)))
    const byCaregiver = await Promise.all(shares.map((more) => made(seeing, whom, more)))
    const byPatient = await made(whom, whom)
    const opens = (links: Any[]) => Promise.all(links.map(async ({ path }) => (await opened(house, path)).status))
    assert.deepEqual(await opens([...byDoctor, ...byCaregiver]), Array(6).fill(200))
    await house.owner.query(`insert into platform.refusal values ($1, 'treatment', 'hiv', '2031-02-01Z')`, [whom.id])
    await house.owner.query(`update platform.access_grant set powers = '{see-record}' where account_id = $1`, [
      seeing.account,
    ])
    assert.deepEqual(await opens([...byDoctor, ...byCaregiver]), Array(6).fill(404))
    const general = await made(doctor, whom)
    assert.deepEqual(await opens([general, byPatient]), [200, 200])
    const treats = `update platform.access_grant set relationship = $2 where account_id = $1 and subject_id = $3`
    await house.owner.query(treats, [doctor.account, 'break-glass', whom.id])
    assert.deepEqual(await opens([general, ...byDoctor]), [404, 404, 404, 404])
    const inEmergency = await doctor.post(`/v1/patients/${whom.id}/health-links`, wish())
    assert.equal(inEmergency.status, 403)
    await house.owner.query(treats, [doctor.account, 'treatment', whom.id])
    await grant(house, doctor, whom, 'break-glass', ['see-record'])
    assert.deepEqual(await opens([general, ...byDoctor, await made(doctor, whom)]), [200, 404, 404, 404, 200])
  })
})

describe('a link of what was labelled since it was made', async () => {
  const { house, doctor } = await openPractice()
  after(() => house[Symbol.asyncDispose]())

  it('stays open of the patient and of who may share that too, and opens nothing of others until they renew it: the list says so', async () => {
    const whom = await newPatient(house)
    await grant(house, doctor, whom, 'treatment', ['see-record'])
    const named = [
      `AllergyIntolerance/${await written(doctor, allergy(whom))}`,
      `Immunization/${await written(doctor, vaccination(whom))}`,
    ]
    const report = await madeReport(doctor, whom, { kind: 'patient-summary' })
    const trusted = await caregiverOf(house, whom, ['see-record', 'see-sensitive'])
    const seeing = await caregiverOf(house, whom, ['see-record'])
    const shares = [{ isLongTerm: true }, { what: 'immunizations' }, { what: 'report', report: report.id }]
    const of = (who: Client) => Promise.all(shares.map((more) => made(who, whom, more)))
    const [kept, withheld] = [
      [...(await of(whom)), ...(await of(trusted))],
      [...(await of(seeing)), ...(await of(doctor))],
    ]
    const opens = (links: Any[]) => Promise.all(links.map(async ({ path }) => (await opened(house, path)).status))
    assert.deepEqual(await opens([...kept, ...withheld]), Array(12).fill(200))
    const { body } = await opened(house, withheld[0].path, { embeddedLengthMax: 1 })
    const file = new URL(body.files[0].location).pathname
    assert.equal((await house.anonymous.get(file)).status, 200)
    const security = [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'HIV' }]
    for (const name of named) {
      const before = (await doctor.get(`/fhir/R4/${name}`)).body
      assert.equal((await doctor.put(`/fhir/R4/${name}`, { ...before, meta: { security } })).status, 200)
    }
    await house.owner.query(`insert into platform.refusal values ($1, 'treatment', 'hiv', '2031-02-01Z')`, [whom.id])
    assert.deepEqual(await opens(kept), Array(6).fill(200))
    assert.deepEqual(await opens(withheld), Array(6).fill(404))
    assert.equal((await house.anonymous.get(file)).status, 404)
    const statusOf = new Map((await listed(whom, whom)).map(({ id, status }) => [id, status]))
    const statuses = (links: Any[]) => links.map(({ id }) => statusOf.get(id))
    assert.deepEqual(statuses(kept), Array(6).fill('open'))
    assert.deepEqual(statuses(withheld), Array(6).fill('withheld'))
    const renewed = await seeing.post(`/v1/health-links/${withheld[0].id}/renew`, { link: withheld[0].link })
    assert.deepEqual([renewed.status, renewed.body.status], [200, 'open'])
    const { content } = await shared(house, withheld[0].path, withheld[0].key)
    assert.doesNotMatch(JSON.stringify(content), /Penicillin/)
  })
})

describe('a link that is long-term', async () => {
  const { house, patient, doctor } = await openPractice()
  after(() => house[Symbol.asyncDispose]())

  it('shares what is known by now once whoever made it has sent its text, and not to others', async () => {
    const link = await made(doctor, patient, { isLongTerm: true })
    await written(doctor, allergy(patient))
    const url = `/v1/health-links/${link.id}/renew`
    assert.equal((await patient.post(url, { link: link.link })).status, 404)
    const other = await made(doctor, patient)
    assert.equal((await doctor.post(url, { link: other.link })).status, 422)
    assert.equal((await doctor.post(`/v1/health-links/${other.id}/renew`, { link: other.link })).status, 422)
    house.setNow('2031-03-02T08:00:00Z')
    const { status, body } = await doctor.post(url, { link: link.link })
    assert.equal(status, 200)
    assert.equal(body.updatedAt, '2031-03-02T08:00:00.000Z')
    const { content, manifest } = await shared(house, link.path, link.key)
    assert.match(JSON.stringify(content), /Penicillin/)
    assert.equal(manifest.files[0].status, 'can-change')
    await doctor.delete(`/v1/health-links/${link.id}`)
    assert.equal((await doctor.post(url, { link: link.link })).status, 422)
  })
})

describe('links of a person', async () => {
  const { house, patient, doctor } = await openPractice()
  after(() => house[Symbol.asyncDispose]())

  it('lose what they share in the night after they have expired', async () => {
    const link = await made(patient, patient)
    house.setNow('2031-03-09T08:00:00Z')
    const ctx = asHouse(house)
    await dropContent(ctx)
    const { rows } = await house.owner.query('select content from reports.health_link where id = $1', [link.id])
    assert.deepEqual(rows, [{ content: null }])
    house.setNow('2031-03-01T08:00:00Z')
  })

  it('are told of and erased, and follow a merge and back', async () => {
    const administrator = await house.signedIn({ roles: ['administrator'] })
    const [survivor, other] = [await newPatient(house), await newPatient(house)]
    await grant(house, doctor, other, 'treatment', ['see-record'])
    const link = await made(doctor, other)
    assert.equal((await opened(house, link.path)).status, 200)
    await madeReport(doctor, other, { kind: 'referral-letter', letter })
    const facts = { survivor: survivor.id, replaced: other.id, reason: 'Passport seen' }
    const merge = await administrator.post('/v1/merges', facts)
    assert.equal(merge.status, 201, JSON.stringify(merge.body))
    await house.work()
    const whose = async () =>
      (await house.owner.query('select patient_id from reports.health_link where id = $1', [link.id])).rows[0]
        .patient_id
    assert.equal(await whose(), survivor.id)
    assert.deepEqual(
      (await listed(survivor, survivor)).map(({ id }) => id),
      [link.id],
    )
    const undone = await administrator.post(
      `/v1/merges/${merge.body.id}/undo`,
      { reason: 'Two people' },
      { 'if-match': '"1"' },
    )
    assert.ok(undone.status < 300, JSON.stringify(undone.body))
    await house.work()
    assert.equal(await whose(), other.id)
    const ctx = asHouse(house)
    const whom = { account: other.account, patient: other.id } as Person
    const told = await aboutPerson(ctx, whom)
    assert.equal((told.data.HealthLinks as { id: string }[])[0]?.id, link.id)
    assert.doesNotMatch(JSON.stringify(told), /content|hash/)
    const [opening] = told.data.HealthLinkOpenings ?? []
    assert.deepEqual([opening?.link_id, opening?.recipient], [link.id, 'Port Selam Clinic'])
    const [trace, kept] = await erase(ctx, whom)
    assert.equal(trace?.count, 1)
    assert.deepEqual([kept?.outcome, kept?.count], ['kept', 1])
    assert.match(kept?.what ?? '', /^signed reports, with the name/)
    assert.deepEqual(await listed(other, other), [])
  })
})

describe('a foreign reader', () => {
  it('resolves a link, wants its passcode, and verifies what it shares', async () => {
    await using ward = await openPractice()
    const { house, patient, doctor } = ward
    await written(doctor, vaccination(patient))
    await patient.get(`/v1/patients/${patient.id}/health-cards`) // whoever signs first makes the key
    const keys = (await house.anonymous.get('/.well-known/jwks.json')).body.keys
    const address = await house.app.listen({ host: '127.0.0.1', port: 0 })
    const here = (url: string, options?: RequestInit) => fetch(url.replace('http://openhcs.test', address), options)
    const asked = async (more: object, passcode?: string) =>
      new SHLViewer({ shlinkURI: (await made(patient, patient, more)).link, fetch: here as typeof fetch }).resolveSHL({
        recipient: 'Lakeside Clinic',
        ...(passcode !== undefined && { passcode }),
        shcReaderConfig: { publicKey: keys[0] },
      })
    const protectedBy = { what: 'immunizations', passcode: '4711' }
    assert.equal((await asked(protectedBy, '4711')).smartHealthCards.length, 1)
    await assert.rejects(asked(protectedBy, '0000'), { name: 'SHLInvalidPasscodeError' })
    assert.equal((await asked({}, undefined)).fhirResources.length, 1)
    assert.equal((await asked({ isOneFile: true }, undefined)).fhirResources.length, 1)
  })
})

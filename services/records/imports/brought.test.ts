import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { type Client, openTestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { newPatient, practitionerOf } from '../testing.ts'
import { readBundle } from './bundle.ts'
import { previewOf } from './preview.ts'

const house = await openTestHouse(everything)
after(() => house[Symbol.asyncDispose]())

const FHIR = 'application/fhir+json'
const about = { reference: 'Patient/there' }

interface Entry {
  entry: number
  outcome: string
  existing?: string
  words?: string
  why?: string
  differences?: { field: string }[]
}
interface Shown {
  id: string
  version: number
  entries: Entry[]
}

async function ward() {
  const patient = await newPatient(house)
  const doctor = await practitionerOf(house, patient)
  const path = `/v1/patients/${patient.id}/record-imports`
  const sent = (bundle: object, by: Client = doctor) => by.upload(path, FHIR, Buffer.from(JSON.stringify(bundle)))
  const bring = async (...resources: object[]): Promise<Shown> => {
    const { status, body } = await sent(bundleOf(...resources))
    assert.equal(status, 201, JSON.stringify(body))
    return body
  }
  const take = async ({ id, version, entries }: Shown) => {
    const decisions = entries.flatMap(({ entry, outcome }) =>
      outcome === 'new' || outcome === 'conflict' ? [{ entry, decision: 'take' }] : [],
    )
    const answer = await doctor.post(`${path}/${id}/decisions`, { decisions }, { 'if-match': `"${version}"` })
    assert.equal(answer.status, 200, JSON.stringify(answer.body))
  }
  return { patient, doctor, path, sent, bring, take }
}

const bundleOf = (...resources: object[]) => ({
  ...{ resourceType: 'Bundle', type: 'collection', id: 'from-elsewhere' },
  entry: [{ resource: { resourceType: 'Patient', id: 'there' } }, ...resources.map((resource) => ({ resource }))],
})
const result = (more: object = {}) => ({
  ...{ resourceType: 'Observation', status: 'final', subject: about, code: { text: 'Haemoglobin' } },
  ...{ effectiveDateTime: '2031-01-01', valueString: 'x', ...more },
})
const taken = (more: object = {}) => ({
  ...{ resourceType: 'MedicationStatement', status: 'active', subject: about, effectiveDateTime: '2030', ...more },
})
const outcomes = ({ entries }: Shown) => entries.slice(1).map(({ outcome }) => outcome)

describe('a file that is brought', () => {
  it('may have so many references and no more, and is refused where what it says is changed as a whole', async () => {
    const { sent } = await ward()
    const detailOf = async (bundle: object) => (await sent(bundle)).body.errors?.[0]?.detail
    const hasMember = Array.from({ length: 20_000 }, (_, n) => ({ reference: `Observation/${n}` }))
    assert.match(await detailOf(bundleOf(result({ hasMember }))), /more than 20000 references/)
    const composition = { resourceType: 'Composition', status: 'entered-in-error' }
    assert.match(await detailOf(bundleOf(composition)), /entered in error/)
    const modifierExtension = [{ url: 'http://codes.example/not', valueBoolean: true }]
    assert.match(await detailOf(bundleOf({ ...composition, status: 'final', modifierExtension })), /extension/)
    assert.match(await detailOf({ ...bundleOf(), implicitRules: 'http://codes.example' }), /rules/)
  })

  it('is looked through while others are served, and leads to what it names wherever that is', async () => {
    const all = Array.from({ length: 1_000 }, (_, n) => result({ id: `o${n}`, code: { text: `Measure ${n}` } }))
    const report = {
      ...{ resourceType: 'DiagnosticReport', status: 'final', subject: about, code: { text: 'Report' } },
      result: [{ reference: 'http://elsewhere.example/fhir/Observation/o999' }, { reference: 'Observation/none' }],
    }
    const brought = readBundle(JSON.stringify(bundleOf(report, ...all)))
    let turns = 0
    const counting = setInterval(() => turns++, 0)
    let immediate = setImmediate(function count() {
      turns++
      immediate = setImmediate(count)
    })
    const whose = { patient: 'p', bornOn: undefined, now: new Date(), record: [] }
    const beside = { ...whose, files: () => undefined, longest: 10_000, mayWrite: () => true }
    const planned = await previewOf(brought, beside)
    clearInterval(counting)
    clearImmediate(immediate)
    assert.ok(turns >= 100, String(turns))
    assert.deepEqual(planned[1]?.resource?.result, [{ reference: 'Observation/o999' }, { display: 'Observation' }])
  })

  it('is not taken where an extension changes what it says: a person reads that', async () => {
    const { bring } = await ward()
    const modifierExtension = [{ url: 'http://codes.example/not', valueBoolean: true }]
    const drug = { resourceType: 'Medication', id: 'm', code: { text: 'Aspirin' }, modifierExtension }
    const shown = await bring(
      result({ modifierExtension }),
      result({ component: [{ code: { text: 'x' }, valueString: 'y', modifierExtension }] }),
      taken({ medicationReference: { reference: 'Medication/m' } }),
      drug,
      result({ code: { text: 'Plain' } }),
    )
    assert.deepEqual(outcomes(shown), ['not-taken', 'not-taken', 'not-taken', 'not-taken', 'new'])
    for (const { why } of shown.entries.slice(1, 4)) assert.match(why ?? '', /extension changes what it says/)
  })

  it('says more in an entry than is kept here, and that entry is not taken', async () => {
    const { bring } = await ward()
    const shown = await bring(result({ note: [{ text: 'x'.repeat(300_000) }] }), result())
    assert.deepEqual(outcomes(shown), ['not-taken', 'new'])
  })

  it('has medicines within its entries, which are compared by what they are', async () => {
    const { doctor, patient, bring, take } = await ward()
    const strength = (mg: number) => [
      {
        itemCodeableConcept: { text: 'Amoxicillin' },
        strength: { numerator: { value: mg, unit: 'mg' }, denominator: { value: 1 } },
      },
    ]
    const statement = (mg: number, id = 'm') =>
      taken({
        contained: [{ resourceType: 'Medication', id, code: { text: 'Amoxicillin' }, ingredient: strength(mg) }],
        medicationReference: { reference: `#${id}` },
      })
    const first = await bring(statement(250))
    assert.deepEqual([outcomes(first), first.entries[1]?.words], [['new'], 'Amoxicillin'])
    await take(first)
    const path = `/v1/patients/${patient.id}/medicines`
    assert.equal((await doctor.get(path)).body.items[0].what.text, 'Amoxicillin')
    assert.deepEqual(outcomes(await bring(statement(250, 'other'))), ['same'])
    const second = await bring(statement(500))
    assert.deepEqual(outcomes(second), ['conflict'])
    assert.deepEqual(
      second.entries[1]?.differences?.map(({ field }) => field),
      ['medication'],
    )
    await take(second)
    const { items } = (await doctor.get(path)).body
    assert.equal(items.length, 1)
    const kept = (await doctor.get(`/fhir/R4/MedicationStatement/${items[0].id}`)).body
    assert.equal(kept.contained.length, 1)
    assert.equal(kept.medicationReference.reference, `#${kept.contained[0].id}`)
    assert.equal(kept.contained[0].ingredient[0].strength.numerator.value, 500)
    assert.deepEqual(outcomes(await bring(statement(500))), ['same'])
  })
})

const pdf = (more = '') =>
  Buffer.from(`%PDF-1.4\n1 0 obj<</Type/Catalog${more}>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n`)
const binary = (id: string, content: Buffer, contentType = 'application/pdf') => ({
  ...{ resourceType: 'Binary', id, contentType, data: content.toString('base64') },
})
const letter = (text: string, url: string) => ({
  ...{
    resourceType: 'DocumentReference',
    status: 'current',
    subject: about,
    type: { text },
    date: '2031-01-01T00:00:00Z',
  },
  content: [{ attachment: { contentType: 'application/pdf', url } }],
})

describe('the file of a document that is brought', () => {
  it('comes in with it, and is the same when it is brought again', async () => {
    const { doctor, patient, bring, take } = await ward()
    const brought = [letter('Letter', 'Binary/b'), binary('b', pdf())]
    const shown = await bring(...brought)
    assert.deepEqual(outcomes(shown), ['new', 'not-taken'])
    assert.match(shown.entries[2]?.why ?? '', /comes with the document/)
    await take(shown)
    const [{ id, file, recorded }] = (await doctor.get(`/v1/patients/${patient.id}/documents`)).body.items
    assert.deepEqual([file.mediaType, file.bytes, recorded.way], ['application/pdf', pdf().length, 'import'])
    const got = await patient.get(file.link)
    assert.equal(got.status, 200)
    assert.match(String(got.body), /^%PDF/)
    assert.deepEqual(outcomes(await bring(...brought)), ['same', 'not-taken'])
    const other = await bring(letter('Letter', 'Binary/b'), binary('b', pdf('/Lang(en)')))
    assert.deepEqual(outcomes(other), ['conflict', 'not-taken'])
    await take(other)
    assert.match(String((await patient.get(`/v1/patients/${patient.id}/documents/${id}/file`)).body), /Lang/)
  })

  it('is said to be lost where it does something by itself, is no such file, or is not there', async () => {
    const { doctor, patient, bring, take } = await ward()
    const shown = await bring(
      letter('Runs', 'Binary/a'),
      letter('Text', 'Binary/b'),
      letter('Gone', 'Binary/c'),
      letter('Elsewhere', 'https://elsewhere.example/letter.pdf'),
      binary('a', pdf('/OpenAction<</S/JavaScript/JS(app.alert(1))>>')),
      binary('b', Buffer.from('<script>alert(1)</script>'), 'text/html'),
    )
    const not = 'not-taken'
    assert.deepEqual(outcomes(shown), ['new', 'new', 'new', 'new', not, not])
    for (const at of [1, 2, 3]) assert.match(shown.entries[at]?.why ?? '', /^Its file is lost: /)
    assert.equal(shown.entries[4]?.why, undefined)
    await take(shown)
    const { entry } = (await doctor.get(`/fhir/R4/DocumentReference?patient=${patient.id}`)).body
    const urls = entry.map(
      ({ resource }: { resource: { content: { attachment: { url?: string } }[] } }) =>
        resource.content[0]?.attachment.url,
    )
    assert.deepEqual(
      urls.filter((url: unknown) => url !== undefined),
      ['https://elsewhere.example/letter.pdf'],
    )
  })
})

describe('a preview that is open', () => {
  it('is one of ten of an account: the oldest goes, also where two are asked for at once', async () => {
    const { doctor, path, bring, take } = await ward()
    const first = await bring(result())
    await take(await bring(result({ code: { text: 'Decided' } })))
    const others = []
    for (let n = 0; n < 8; n++) others.push(await bring(result()))
    await Promise.all([bring(result()), bring(result())])
    assert.equal((await doctor.get(`${path}/${first.id}`)).status, 404)
    for (const { id } of others) assert.equal((await doctor.get(`${path}/${id}`)).status, 200)
    const { rows } = await house.owner.query(
      'select count(*)::int as open from records.record_import where account_id = $1 and applied_at is null',
      [doctor.account],
    )
    assert.equal(rows[0].open, 10)
  })

  it('does not show what may not be seen any more', async () => {
    const { doctor, patient, path, bring } = await ward()
    const meta = { security: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'HIV' }] }
    const own = { ...result({ meta, valueString: 'secret' }), subject: { reference: `Patient/${patient.id}` } }
    const { body: kept } = await doctor.post('/fhir/R4/Observation', own)
    const shown = await bring(result())
    assert.deepEqual([outcomes(shown), shown.entries[1]?.existing], [['conflict'], `Observation/${kept.id}`])
    await house.owner.query(`insert into platform.refusal values ($1, 'treatment', 'hiv', now())`, [patient.id])
    const { body: now } = await doctor.get(`${path}/${shown.id}`)
    assert.deepEqual(outcomes(now), ['new'])
    assert.doesNotMatch(JSON.stringify(now), new RegExp(`secret|${kept.id}`))
    const decisions = [{ entry: 1, decision: 'take' }]
    const decided = await doctor.post(`${path}/${shown.id}/decisions`, { decisions }, { 'if-match': '"1"' })
    assert.equal(decided.status, 412, 'it is another record that is decided on')
  })

  it('is of whom the patient is by now, and goes when two are parted again', async () => {
    const { doctor, patient, path, bring } = await ward()
    const survivor = await newPatient(house)
    await house.owner.query(
      `insert into platform.access_grant (id, account_id, relationship, subject_type, subject_id, powers, valid_from)
       values (gen_random_uuid(), $1, 'treatment', 'Patient', $2, '{see-record}', '2030-01-01Z')`,
      [doctor.account, survivor.id],
    )
    const { id } = await bring(result())
    const ada = await house.signedIn({ roles: ['administrator'] })
    const reason = 'Same person'
    const merge = await ada.post('/v1/merges', { survivor: survivor.id, replaced: patient.id, reason })
    await house.work()
    const there = `/v1/patients/${survivor.id}/record-imports/${id}`
    assert.equal((await doctor.get(there)).status, 200)
    await ada.post(`/v1/merges/${merge.body.id}/undo`, { reason }, { 'if-match': '"1"' })
    await house.work()
    assert.deepEqual([(await doctor.get(there)).status, (await doctor.get(`${path}/${id}`)).status], [404, 404])
  })
})

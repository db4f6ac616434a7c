import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { decodeProtectedHeader, flattenedVerify, importJWK } from 'jose'
import * as pdfjs from 'pdfjs-dist/legacy/build/pdf.mjs'
import { newId } from '#platform/ids.ts'
import { languages } from '#platform/language.ts'
import type { Client, TestHouse } from '#platform/testing.ts'
import { toldBy } from '../printing/testing.ts'
import { allergy, written } from '../sharing/testing.ts'
import {
  caregiverOf,
  leave,
  letter,
  made,
  newPatient,
  openPractice,
  practitionerOf,
  signedVisit,
  version,
} from '../testing.ts'
import { catalogueOf } from './words/catalogues.ts'

const FHIR = { accept: 'application/fhir+json' }
const pageOf = async (who: Client, id: string, language = 'en', query = '') => {
  const { status, body } = await who.get(`/v1/reports/${id}${query}`, {
    accept: 'text/html',
    'accept-language': language,
  })
  assert.equal(status, 200)
  return String(body).replace(/[\u2068\u2069]/g, '')
}

async function paperOf({ app }: TestHouse, who: Client, url: string, language = 'en') {
  const headers = { authorization: `Bearer ${who.token}`, accept: 'application/pdf', 'accept-language': language }
  const { rawPayload, headers: answered, statusCode } = await app.inject({ url, headers })
  assert.deepEqual([statusCode, answered['content-type']], [200, 'application/pdf'])
  const file = await pdfjs.getDocument({ data: new Uint8Array(rawPayload), verbosity: 0 }).promise
  const { info } = (await file.getMetadata()) as unknown as { info: Record<string, string> }
  const pages = await Promise.all(Array.from({ length: file.numPages }, (_, n) => file.getPage(n + 1)))
  const texts = await Promise.all(
    pages.map(async (page) =>
      (await page.getTextContent()).items.map((item) => ('str' in item ? item.str : '')).join(' '),
    ),
  )
  return { info, width: pages[0]?.view[2] ?? 0, texts: texts.map((text) => text.replace(/\s+/g, ' ')) }
}

describe('GET /v1/reports/{id}', () => {
  it('is what Accept says: what it is, the document, a page, a PDF', async () => {
    await using practice = await openPractice()
    const { house, patient, doctor } = practice
    const { id } = await made(doctor, patient, { kind: 'referral-letter', letter })
    for (const [accept, type] of [
      ['*/*', 'application/json; charset=utf-8'],
      ['application/xml', 'application/json; charset=utf-8'],
      ['application/fhir+json', 'application/fhir+json; charset=utf-8'],
      ['application/pdf;q=0.1, text/html;q=0.9', 'text/html; charset=utf-8'],
      ['text/html;q=0, application/pdf', 'application/pdf'],
    ] as const) {
      const { status, headers } = await patient.get(`/v1/reports/${id}`, { accept })
      assert.deepEqual(
        [status, headers['content-type'], headers.etag, headers['cache-control']],
        [200, type, '"1"', 'no-store'],
        accept,
      )
    }
    const { headers } = await patient.get(`/v1/reports/${id}`, { accept: 'text/html' })
    assert.match(String(headers['content-security-policy']), /default-src 'none'.*sandbox/)
    const widths = []
    for (const paper of ['a4', 'a5', 'receipt']) {
      const { info, width, texts } = await paperOf(house, patient, `/v1/reports/${id}?paper=${paper}`)
      widths.push(Math.round((width * 25.4) / 72))
      assert.deepEqual([info.Title, info.Language, info.Author], ['Referral letter', 'en', 'Dr Abel Nemo'])
      for (const words of ['Saba Tesfaye', letter.to, letter.why, letter.asked, 'Signed by Dr Abel Nemo', 'is valid'])
        assert.ok(texts.join(' ').includes(words), `${paper}: ${words}`)
    }
    assert.deepEqual(widths, [210, 148, 58])
    assert.equal((await patient.get(`/v1/reports/${id}?paper=a3`)).status, 400)
  })

  it('speaks the reader’s language, and leaves what somebody wrote as it was written', async () => {
    await using practice = await openPractice()
    const { patient, doctor } = practice
    const visit = await signedVisit(doctor, patient, { reason: 'Cough', plan: 'Rest' })
    const reports = [
      await made(doctor, patient, { kind: 'visit', consultation: visit.id, remarks: 'Come again', language: 'en' }),
      await made(doctor, patient, { kind: 'sick-note', leave: { ...leave, diagnosis: { text: 'Bronchitis' } } }),
      await made(doctor, patient, { kind: 'patient-summary', language: 'fr' }),
    ]
    for (const language of languages) {
      const [visitPage = '', note = '', summary = ''] = await Promise.all(
        reports.map(({ id }) => pageOf(patient, id, language)),
      )
      const words = catalogueOf(language)
      for (const text of [
        words.titles.visit,
        words.headings.reason,
        words.headings.plan,
        words.headings.remarks,
        'Cough',
        'Rest',
        'Come again',
      ])
        assert.ok(visitPage.includes(text), `${language}: ${text}`)
      const written = `<div lang="en" dir="ltr"><p>Come again</p></div>`
      assert.equal(visitPage.includes(written), language !== 'en', visitPage)
      for (const text of [words.titles['sick-note'], words.leave.unable, words.leave.diagnosis, 'Bronchitis'])
        assert.ok(note.includes(text), `${language}: ${text}`)
      assert.ok(summary.includes(words.titles['patient-summary']))
      assert.equal(/Il n’y a pas d’information sur les allergies/.test(summary), language === 'fr')
    }
  })

  it('of every kind is read aloud whole, on every paper', async () => {
    await using practice = await openPractice()
    const { house, patient, doctor } = practice
    await written(doctor, allergy(patient))
    const visit = await signedVisit(doctor, patient, {
      ...{ reason: 'Cough', history: 'A week\nNo fever', vitals: [{ kind: 'weight', value: 70, unit: 'kg' }] },
      problems: [{ code: { text: 'Asthma' }, note: 'At night' }],
      ...{ orders: [{ code: { text: 'Spirometry' }, priority: 'routine' }], plan: 'Rest' },
    })
    const wishes = [
      [
        { kind: 'visit', consultation: visit.id, remarks: 'Come again' },
        'Cough week fever 70 Asthma night Spirometry Rest again',
      ],
      [{ kind: 'patient-summary' }, 'Penicillin'],
      [{ kind: 'referral-letter', letter }, 'Cardiology Breathless stairs Echocardiogram'],
      [{ kind: 'sick-note', leave: { ...leave, diagnosis: { text: 'Bronchitis' } } }, 'Bronchitis'],
    ] as const
    for (const [n, [wish, words]] of wishes.entries()) {
      const { id } = await made(doctor, patient, wish)
      for (const [m, paper] of ['a4', 'a5', 'receipt'].entries()) {
        const language = ['en', 'ar', 'hi', 'fr'][(n + m) % 4] ?? 'en'
        const headers = {
          authorization: `Bearer ${patient.token}`,
          accept: 'application/pdf',
          'accept-language': language,
        }
        const { rawPayload } = await house.app.inject({ url: `/v1/reports/${id}?paper=${paper}`, headers })
        const { faults, headings, text } = await toldBy(rawPayload)
        assert.deepEqual(faults, [], `${wish.kind} ${paper} ${language}`)
        assert.ok(headings.length > 0, wish.kind)
        for (const word of words.split(' '))
          assert.ok(text.includes(word), `${word} in ${wish.kind} ${paper} ${language}`)
      }
    }
  })

  it('tells of a course what was so when it was made: that it had ended, on pages and on paper, in the reader’s language', async () => {
    await using practice = await openPractice()
    const { house, patient, doctor } = practice
    await written(doctor, {
      ...{ resourceType: 'MedicationRequest', status: 'active', intent: 'order' },
      subject: { reference: `Patient/${patient.id}` },
      medicationCodeableConcept: { text: 'Amoxicillin' },
      dosageInstruction: [{ text: 'One', timing: { repeat: { boundsPeriod: { end: '2031-03-10' } } } }],
    })
    const before = await made(doctor, patient, { kind: 'patient-summary' })
    house.setNow('2031-03-20T08:00:00Z')
    const after = await made(doctor, patient, { kind: 'patient-summary' })
    const ended = 'le traitement prescrit s’est terminé le 10 mars 2031 ; personne n’a confirmé qu’il est encore pris'
    for (const [{ id }, isSaid] of [
      [before, false],
      [after, true],
    ] as const) {
      assert.equal((await pageOf(patient, id, 'fr')).includes(ended), isSaid)
      const { texts } = await paperOf(house, patient, `/v1/reports/${id}`, 'fr')
      assert.match(texts.join(' '), /Amoxicillin/)
      assert.equal(/terminé le\s+10 mars 2031/.test(texts.join(' ')), isSaid)
    }
  })

  it('says that nothing is known only where the house says so: who has no known allergy of a kind may have others', async () => {
    await using practice = await openPractice()
    const { patient, doctor } = practice
    const coded = (code: string) => ({
      coding: [{ system: 'http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips', code }],
    })
    await written(doctor, allergy(patient, { recordedDate: '2020-01-01' }))
    await written(doctor, allergy(patient, { code: coded('no-known-food-allergies'), recordedDate: '2030-01-01' }))
    const medicine = { subject: { reference: `Patient/${patient.id}` }, resourceType: 'MedicationRequest' }
    const never = { ...medicine, status: 'active', intent: 'order', doNotPerform: true }
    await written(doctor, { ...never, medicationCodeableConcept: { text: 'Codeine' } })
    const { id } = await made(doctor, patient, { kind: 'patient-summary', language: 'fr' })
    const page = await pageOf(patient, id)
    assert.match(page, /Penicillin/)
    assert.match(page, /no-known-food-allergies/)
    assert.doesNotMatch(page, /No known allergies/)
    assert.match(page, /There is no information about medicines\..*Not to be taken:.*Codeine/s)
    assert.match(page, /There is no information about problems\./)
  })

  it('says of problems and orders how they stand: one that was refuted is none', async () => {
    await using practice = await openPractice()
    const { patient, doctor } = practice
    const visit = await signedVisit(doctor, patient, {
      problems: [
        { code: { text: 'Tuberculosis' }, verificationStatus: 'refuted', note: 'Three\ncultures' },
        { code: { text: 'Asthma' }, verificationStatus: 'confirmed' },
      ],
      orders: [{ code: { text: 'Chest X-ray' }, priority: 'stat', note: 'Fasting' }, { code: { text: 'Spirometry' } }],
    })
    const { id } = await made(doctor, patient, { kind: 'visit', consultation: visit.id })
    const page = await pageOf(patient, id)
    assert.match(page, />Tuberculosis · refuted · Three cultures<br\/>Asthma</)
    assert.match(page, />Chest X-ray · stat · Fasting<br\/>Spirometry</)
  })

  it('shows to the patient and to holders of a mandate, and to no stranger', async () => {
    await using practice = await openPractice()
    const { house, patient, doctor } = practice
    const { id } = await made(doctor, patient, { kind: 'sick-note', leave })
    const readers = [patient, doctor, await caregiverOf(house, patient, ['see-record'])]
    const strangers = [
      await newPatient(house),
      await practitionerOf(house),
      await caregiverOf(house, patient, ['book']),
    ]
    for (const who of readers) {
      assert.equal((await who.get(`/v1/reports/${id}`)).status, 200)
      assert.equal((await who.get(`/v1/patients/${patient.id}/reports`)).body.items[0].id, id)
    }
    const nowhere = (await patient.get(`/v1/reports/${newId()}`)).body.detail
    for (const who of strangers) {
      for (const accept of ['application/json', 'application/fhir+json', 'text/html', 'application/pdf']) {
        const { status, body } = await who.get(`/v1/reports/${id}`, { accept })
        assert.deepEqual([status, body.detail], [404, nowhere])
      }
      assert.equal((await who.get(`/v1/patients/${patient.id}/reports`)).status, 404)
    }
    assert.equal((await house.anonymous.get(`/v1/reports/${id}`)).status, 401)
    assert.equal((await patient.get(`/v1/reports/${id}?version=2`)).status, 404)
  })

  it('lists the newest first, page after page', async () => {
    await using practice = await openPractice()
    const { house, patient, doctor } = practice
    const ids: string[] = []
    for (const day of ['02', '03', '04']) {
      house.setNow(`2031-03-${day}T08:00:00Z`)
      ids.unshift((await made(doctor, patient, { kind: 'sick-note', leave })).id)
    }
    const first = (await patient.get(`/v1/patients/${patient.id}/reports?limit=2`)).body
    const second = (await patient.get(`/v1/patients/${patient.id}/reports?limit=2&cursor=${first.next}`)).body
    assert.deepEqual(
      [...first.items, ...second.items].map(({ id }) => id),
      ids,
    )
    assert.equal(second.next, undefined)
  })

  it('costs the same however many versions there are', async () => {
    await using practice = await openPractice()
    const { house, patient, doctor } = practice
    const { id } = await made(doctor, patient, { kind: 'sick-note', leave })
    const reading = async () => (await house.cost(() => patient.get(`/v1/reports/${id}`))).trips
    const [first] = [await reading(), await reading()]
    for (const n of [1, 2, 3])
      assert.equal((await doctor.put(`/v1/reports/${id}`, { reason: 'More', leave }, version(n))).status, 200)
    assert.equal(await reading(), first)
  })
})

/** By a program that knows nothing of this house but where its keys are. */
async function foreignlyVerified(document: Record<string, unknown>, keys: { kid: string }[]): Promise<unknown> {
  const {
    signature,
    id: _,
    meta: __,
    ...signed
  } = document as { signature: { data: string } } & Record<string, unknown>
  const [head = '', , tail = ''] = Buffer.from(signature.data, 'base64').toString().split('.')
  const { kid, canon } = decodeProtectedHeader({ protected: head } as never)
  assert.match(String(canon), /json#document$/)
  const key = keys.find((one) => one.kid === kid)
  assert.ok(key)
  const sorted = (value: unknown): unknown =>
    Array.isArray(value)
      ? value.map(sorted)
      : typeof value === 'object' && value !== null
        ? Object.fromEntries(
            Object.keys(value)
              .sort()
              .map((name) => [name, sorted((value as Record<string, unknown>)[name])]),
          )
        : value
  const payload = Buffer.from(JSON.stringify(sorted(signed))).toString('base64url')
  return flattenedVerify({ protected: head, payload, signature: tail }, await importJWK(key, 'ES256'))
}

describe('the signature of a report', () => {
  it('is found out where a row is edited behind the service: in the answer, on the page, on paper', async () => {
    await using practice = await openPractice()
    const { house, patient, doctor } = practice
    const { id } = await made(doctor, patient, { kind: 'sick-note', leave })
    const edit = (type: string, a: string, b: string) =>
      house.owner.query('update platform.fhir_resource set body = replace(body, $1, $2) where type = $3 and id = $4', [
        a,
        b,
        type,
        id,
      ])
    const verdict = async () => (await patient.get(`/v1/reports/${id}`)).body.signature
    for (const [type, a, b] of [
      ['Bundle', '2031-03-07', '2031-03-09'],
      ['Bundle', 'Saba Tesfaye', 'Sara Tesfaye'],
      ['Bundle', 'Dr Abel Nemo', 'Dr Abel Demo'],
      ['Bundle', '"when":"2031', '"when":"2032'],
      ['Bundle', '"status":"final","type"', '"status":"amended","type"'],
      ['DocumentReference', '"docStatus":"final"', '"docStatus":"entered-in-error"'],
      ['DocumentReference', '"date":"2031', '"date":"2032'],
    ] as const) {
      await edit(type, a, b)
      assert.deepEqual(await verdict(), { verified: false, why: 'altered' }, `${type} ${a}`)
      assert.match(await pageOf(patient, id), /NOT VALID/)
      await edit(type, b, a)
      assert.deepEqual(await verdict(), { verified: true })
    }
    await edit('Bundle', '2031-03-07', '2031-03-09')
    const { texts } = await paperOf(house, patient, `/v1/reports/${id}`)
    assert.match(texts.join(' '), /NOT VALID: this is not what was signed/)
    assert.doesNotMatch(texts.join(' '), /is valid/)
  })

  it('is of this report and this version: one that was signed for another does not fit', async () => {
    await using practice = await openPractice()
    const { house, patient, doctor } = practice
    const one = await made(doctor, patient, { kind: 'sick-note', leave })
    const other = await made(doctor, patient, { kind: 'sick-note', leave: { ...leave, workCapacity: 50 } })
    await house.owner.query(
      `update platform.fhir_resource r set body = replace(o.body, $2, $1) from platform.fhir_resource o
       where r.type = 'Bundle' and r.id = $1 and o.type = 'Bundle' and o.id = $2`,
      [one.id, other.id],
    )
    assert.equal((await patient.get(`/v1/reports/${one.id}`)).body.signature.verified, false)
  })

  it('is verified by a program that has nothing but the document and the published keys', async () => {
    await using practice = await openPractice()
    const { house, patient, doctor } = practice
    const visit = await signedVisit(doctor, patient, { reason: 'Cough', problems: [{ code: { text: 'Asthma' } }] })
    const { id } = await made(doctor, patient, { kind: 'visit', consultation: visit.id })
    const { body: document } = await patient.get(`/v1/reports/${id}`, FHIR)
    const { keys } = (await house.anonymous.get('/.well-known/jwks.json')).body
    await foreignlyVerified(document, keys)
    document.entry[1].resource.birthDate = '1987-06-06'
    await assert.rejects(foreignlyVerified(document, keys), /signature/)
  })

  it('counts for nothing by a key that leaked', async () => {
    await using practice = await openPractice()
    const { house, patient, doctor } = practice
    const { id } = await made(doctor, patient, { kind: 'sick-note', leave })
    await house.owner.query(`update platform.signing_key set wrapped = null, retired_at = now(), withdrawn_at = now()`)
    assert.deepEqual((await patient.get(`/v1/reports/${id}`)).body.signature, { verified: false, why: 'withdrawn-key' })
  })

  it('is of what this room wrote: by FHIR nobody changes a report, and what looks like one is none', async () => {
    await using practice = await openPractice()
    const { patient, doctor } = practice
    const { id } = await made(doctor, patient, { kind: 'sick-note', leave })
    const { body: document } = await doctor.get(`/fhir/R4/Bundle/${id}`)
    const changed = await doctor.put(`/fhir/R4/Bundle/${id}`, { ...document, language: 'fr' }, { 'if-match': 'W/"1"' })
    assert.ok(changed.status >= 400 && changed.status < 500, JSON.stringify(changed.body))
    const { id: _, meta: __, ...copy } = document
    const forged = await doctor.post('/fhir/R4/Bundle', copy)
    assert.equal(forged.status, 201, JSON.stringify(forged.body))
    const { body: reference } = await doctor.get(`/fhir/R4/DocumentReference/${id}`)
    const { id: ___, meta: ____, ...entry } = reference
    assert.equal((await doctor.post('/fhir/R4/DocumentReference', entry)).status, 201)
    assert.equal((await patient.get(`/v1/reports/${forged.body.id}`)).status, 404)
    assert.equal((await patient.get(`/v1/patients/${patient.id}/reports`)).body.items.length, 1)
  })
})

const TURNING = /[\u200e\u200f\u202a-\u202e]/

describe('a name with signs that turn text around', () => {
  it('is printed as it reads: on a page and on paper nothing is turned', async () => {
    await using practice = await openPractice()
    const { house, doctor } = practice
    const turned = await newPatient(house, 'Saba \u202eeyafseT\u202c <b>')
    await house.owner.query(
      `insert into platform.access_grant (id, account_id, relationship, subject_type, subject_id, powers, valid_from)
       values ($1, $2, 'treatment', 'Patient', $3, '{see-record}', '2030-01-01Z')`,
      [newId(), doctor.account, turned.id],
    )
    const { id } = await made(doctor, turned, { kind: 'referral-letter', letter: { ...letter, to: '\u202ereverse' } })
    const page = await pageOf(turned, id)
    assert.ok(page.includes('Saba eyafseT &lt;b&gt;') && page.includes('reverse'))
    assert.doesNotMatch(page, TURNING)
    for (const paper of ['a4', 'a5', 'receipt'])
      for (const language of ['en', 'ar']) {
        const { texts, info } = await paperOf(house, turned, `/v1/reports/${id}?paper=${paper}`, language)
        for (const text of [...texts, info.Title ?? '']) assert.doesNotMatch(text, TURNING)
        assert.match(texts.join(' '), /Saba eyafseT <b>/, paper)
        assert.match(texts.join(' '), /reverse/, paper)
      }
  })
})

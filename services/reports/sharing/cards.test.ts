import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { inflateRawSync } from 'node:zlib'
import jsqr from 'jsqr'
import { SHCReader } from 'kill-the-clipboard'
import { newId } from '#platform/ids.ts'
import { appOf } from '#tests/attacks/fhir/ward.ts'
import { cardIn } from '../health-cards/qr-code.ts'
import { codeOn, opened, pagesOf, toldBy } from '../printing/testing.ts'
import { closePresses } from '../printing/to-pdf.ts'
import { caregiverOf, newPatient, openPractice } from '../testing.ts'
import { allergy, grant, vaccination, written } from './testing.ts'

after(closePresses)

const saidBy = (jws: string) =>
  JSON.parse(inflateRawSync(Buffer.from(jws.split('.')[1] ?? '', 'base64url')).toString()) as {
    iss: string
    vc: { type: string[]; credentialSubject: { fhirBundle: { entry: { resource: { resourceType: string } }[] } } }
  }
const typesIn = (jws: string) =>
  saidBy(jws).vc.credentialSubject.fhirBundle.entry.map(({ resource }) => resource.resourceType)

const asking = (...parameter: object[]) => ({ resourceType: 'Parameters', parameter })
const claims = (...elements: string[]) =>
  elements.map((one) => ({ name: 'includeIdentityClaim', valueString: `Patient.${one}` }))
const ofType = (valueUri: string) => ({ name: 'credentialType', valueUri })

/** Draws the code of a page as a screen does, and reads it as a telephone does. */
function scanned(page: string): string | undefined {
  const [, side = ''] = /viewBox="0 0 (\d+) /.exec(page) ?? []
  const size = Number(side)
  const pixels = new Uint8ClampedArray((size * 4) ** 2 * 4).fill(255)
  for (const [, x, y] of page.matchAll(/M(\d+) (\d+)h1v1h-1z/g))
    for (let row = 0; row < 4; row++)
      for (let column = 0; column < 4; column++) {
        const at = ((Number(y) * 4 + row) * size * 4 + Number(x) * 4 + column) * 4
        pixels.fill(0, at, at + 3)
      }
  return jsqr.default(pixels, size * 4, size * 4)?.data
}

describe('POST /fhir/R4/Patient/:id/$health-cards-issue', async () => {
  const { house, patient, doctor } = await openPractice()
  after(() => house[Symbol.asyncDispose]())
  const url = `/fhir/R4/Patient/${patient.id}/$health-cards-issue`
  before(async () => {
    await written(doctor, vaccination(patient))
    await written(doctor, vaccination(patient, { vaccineCode: { text: 'Only in words' } }))
    await written(doctor, allergy(patient))
  })
  const cards = async (body: object, who = patient): Promise<string[]> => {
    const answer = await who.post(url, body)
    assert.equal(answer.status, 200, JSON.stringify(answer.body))
    assert.match(String(answer.headers['content-type']), /^application\/fhir\+json/)
    return (answer.body.parameter ?? []).map(({ valueString }: { valueString: string }) => valueString)
  }

  it('gives cards of the type that was asked for, with the least that tells it', async () => {
    const [card = '', ...more] = await cards(asking(ofType('Immunization')))
    assert.deepEqual(more, [])
    const { iss, vc } = saidBy(card)
    assert.equal(iss, 'http://openhcs.test')
    assert.deepEqual(vc.type, ['https://smarthealth.cards#health-card', 'https://smarthealth.cards#immunization'])
    assert.deepEqual(vc.credentialSubject.fhirBundle, {
      resourceType: 'Bundle',
      type: 'collection',
      entry: [
        {
          fullUrl: 'resource:0',
          resource: { resourceType: 'Patient', name: [{ text: 'Saba Tesfaye' }], birthDate: '1987-06-05' },
        },
        {
          fullUrl: 'resource:1',
          resource: {
            resourceType: 'Immunization',
            status: 'completed',
            vaccineCode: { coding: [{ system: 'http://hl7.org/fhir/sid/cvx', code: '05' }] },
            patient: { reference: 'resource:0' },
            occurrenceDateTime: '2029-11-12',
            lotNumber: 'AB-12',
          },
        },
      ],
    })
    assert.ok(card.length <= 1195)
  })

  it('gives one that holds all of several types, none of what no card says, and of the patient what was asked for', async () => {
    const both = await cards(asking(ofType('Immunization'), ofType('AllergyIntolerance')))
    assert.deepEqual(both.map(typesIn), [['Patient', 'AllergyIntolerance', 'Immunization']])
    assert.deepEqual(await cards(asking(ofType('Immunization'), ofType('Condition'))), [])
    assert.deepEqual(await cards(asking(ofType('Observation'))), [])
    const [named = ''] = await cards(asking(ofType('Immunization'), ...claims('name', 'birthDate', 'telecom')))
    const [{ resource } = {}] = saidBy(named).vc.credentialSubject.fhirBundle.entry
    assert.deepEqual(resource, {
      resourceType: 'Patient',
      name: [{ text: 'Saba Tesfaye' }],
      birthDate: '1987-06-05',
    })
    const since = (valueDateTime: string) => ({ name: '_since', valueDateTime })
    assert.equal((await cards(asking(ofType('Immunization'), since('2031-03-01')))).length, 1)
    assert.deepEqual(await cards(asking(ofType('Immunization'), since('2031-04'))), [])
  })

  it('is refused where it is asked for what it is not', async () => {
    const since = (valueDateTime: string) => asking(ofType('Immunization'), { name: '_since', valueDateTime })
    for (const body of [
      asking({ name: '_since', valueDateTime: '2031' }),
      asking(ofType('a b')),
      since('2031-13-01'),
      since('2031-01-01T25:00:00Z'),
    ])
      assert.ok([400, 422].includes((await patient.post(url, body)).status), JSON.stringify(body))
    for (const elements of [['telecom'], ['name'], ['birthDate']]) {
      const nobodys = await patient.post(url, asking(ofType('Immunization'), ...claims(...elements)))
      assert.equal(nobodys.status, 422, 'a card of nobody is anybody’s')
      assert.deepEqual(nobodys.body.issue.at(-1).expression, ['Parameters.parameter[1]'])
    }
    const { status, body } = await patient.post(
      url,
      asking(ofType('Immunization'), { name: 'credentialValueSet', valueUri: 'http://example.org/vs' }),
    )
    assert.equal(status, 422)
    assert.deepEqual(body.issue.at(-1).expression, ['Parameters.parameter[1]'])
  })

  it('is for whoever sees the record; to others there is no such patient', async () => {
    const body = asking(ofType('Immunization'))
    assert.equal((await cards(body, { ...doctor, id: patient.id })).length, 1)
    assert.equal((await house.anonymous.post(url, body)).status, 401)
    const stranger = await newPatient(house, 'Bekele Tadesse')
    const paying = await caregiverOf(house, patient, ['pay'])
    const refusals = await Promise.all([stranger, paying].map((who) => who.post(url, body)))
    const nowhere = await stranger.post(`/fhir/R4/Patient/${newId()}/$health-cards-issue`, body)
    for (const { status, body } of refusals) {
      assert.equal(status, 404)
      assert.deepEqual(body.issue, nowhere.body.issue)
    }
  })

  it('is of what a token may read, and not of all that it may of the patient', async () => {
    const body = asking(ofType('Immunization'))
    const scopes = ['patient/Patient.r']
    const blind = await appOf(house, patient, scopes, patient.id)
    const seeing = await appOf(house, patient, [...scopes, 'patient/Immunization.r'], patient.id)
    const answers = await Promise.all([blind, seeing].map((app) => app.post(url, body)))
    assert.deepEqual(
      answers.map(({ status }) => status),
      [403, 200],
    )
  })

  it('leaves a trace: who took a card of what', async () => {
    const { rows } = await house.owner.query(
      `select distinct operation, entity from platform.audit_event where operation = 'issueFhirHealthCards' and entity like 'HealthCard/%' and subject = $1`,
      [`Patient/${patient.id}`],
    )
    assert.equal(rows.length, 1)
  })
})

describe('GET /v1/patients/:id/health-cards', async () => {
  const { house, patient, doctor } = await openPractice()
  const iss = await house.app.listen({ host: '127.0.0.1', port: 0 })
  after(() => house[Symbol.asyncDispose]())
  const url = `/v1/patients/${patient.id}/health-cards`
  let unsaid: string
  before(async () => {
    await written(doctor, vaccination(patient))
    unsaid = await written(doctor, vaccination(patient, { vaccineCode: { text: 'Only in words' } }))
    await written(doctor, allergy(patient))
  })

  it('gives cards as text and as the text of a QR code, and says what is in none', async () => {
    const { status, body } = await patient.get(url)
    assert.equal(status, 200)
    assert.deepEqual(body.leftOut, [`Immunization/${unsaid}`])
    assert.equal(body.more, 0)
    const [card, ...more] = body.cards
    assert.deepEqual(more, [])
    assert.equal(cardIn([card.qr]), card.jws)
    const whole = await patient.get(`${url}?of=summary`)
    assert.deepEqual(
      whole.body.cards.map(({ jws }: { jws: string }) => typesIn(jws)),
      [['Patient', 'AllergyIntolerance', 'Immunization']],
    )
  })

  it('makes several of what one QR code does not hold', async () => {
    const other = await newPatient(house)
    const doctor = await house.signedIn({ self: { practitioner: newId() } })
    await house.owner.query(
      `insert into platform.access_grant (id, account_id, relationship, subject_type, subject_id, powers, valid_from)
       values ($1, $2, 'treatment', 'Patient', $3, '{see-record}', '2030-01-01Z')`,
      [newId(), doctor.account, other.id],
    )
    for (let n = 0; n < 40; n++)
      await written(doctor, vaccination(other, { lotNumber: randomUUID(), occurrenceDateTime: `19${n + 50}-11-12` }))
    const { body } = await other.get(`/v1/patients/${other.id}/health-cards`)
    assert.ok(body.cards.length > 1)
    for (const { jws, qr } of body.cards) assert.equal(cardIn([qr]), jws)
    const held = body.cards.flatMap(({ jws }: { jws: string }) => typesIn(jws).slice(1))
    assert.equal(held.length, 40)
  })

  it('prints it, and the code is read back from the page by a stranger', async () => {
    const page = await patient.get(url, { accept: 'text/html', 'accept-language': 'sw' })
    assert.equal(page.status, 200)
    assert.match(page.body, /<html lang="sw" dir="ltr">/)
    assert.match(page.body, /Kadi ya afya/)
    assert.match(page.body, /Measles/)
    const jws = cardIn([scanned(page.body) ?? '']) ?? ''
    assert.deepEqual(typesIn(jws), ['Patient', 'Immunization'])
    const keys = (await house.anonymous.get('/.well-known/jwks.json')).body.keys
    const reader = new SHCReader({ publicKey: keys[0], verifyExpiration: true })
    assert.equal((await (await reader.fromJWS(jws)).asBundle()).entry?.length, 2)
    assert.ok(iss)
    for (const paper of ['a4', 'a5', 'receipt']) {
      const { statusCode, headers, rawPayload } = await house.app.inject({
        url: `${url}?paper=${paper}`,
        headers: { authorization: `Bearer ${patient.token}`, accept: 'application/pdf', 'accept-language': 'ar' },
      })
      assert.equal(statusCode, 200)
      assert.equal(headers['content-type'], 'application/pdf')
      assert.equal(rawPayload.toString('latin1', 0, 5), '%PDF-')
      const codes = await Promise.all((await pagesOf(await opened(rawPayload))).map(codeOn))
      const printed = cardIn(codes.filter((one) => one !== undefined)) ?? ''
      assert.equal((await (await reader.fromJWS(printed)).asBundle()).entry?.length, 2, paper)
      assert.deepEqual((await toldBy(rawPayload)).faults, [], paper)
    }
    assert.equal((await patient.get(`${url}?card=9`, { accept: 'text/html' })).status, 422)
  })

  it('says how each stands, and of a medicine that is not to be taken nothing at all', async () => {
    const treated = await newPatient(house)
    const treating = await house.signedIn({ self: { practitioner: newId() } })
    await grant(house, treating, treated, 'treatment', ['see-record'])
    const [vaccineCode] = [{ text: 'Measles', coding: [{ system: 'http://hl7.org/fhir/sid/cvx', code: '05' }] }]
    const standing = (code: string) => ({
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/allergyintolerance-verification', code }],
    })
    const drug = (text: string, code: string, change: object = {}) => ({
      ...{ resourceType: 'MedicationRequest', intent: 'order', status: 'active' },
      subject: { reference: `Patient/${treated.id}` },
      medicationCodeableConcept: { text, coding: [{ system: 'http://www.whocc.no/atc', code }] },
      ...change,
    })
    await written(treating, vaccination(treated, { vaccineCode, isSubpotent: true }))
    await written(treating, allergy(treated, { verificationStatus: standing('unconfirmed'), criticality: 'high' }))
    await written(treating, drug('Metformin', 'A10BA02', { status: 'on-hold' }))
    const dosageInstruction = [{ timing: { repeat: { boundsPeriod: { end: '2031-02-10' } } } }]
    await written(treating, drug('Amoxicillin', 'J01CA04', { dosageInstruction }))
    const never = await written(treating, drug('Codeine', 'R05DA04', { doNotPerform: true }))
    const path = `/v1/patients/${treated.id}/health-cards?of=summary`
    const { cards, leftOut } = (await treated.get(path)).body
    assert.deepEqual(leftOut, [`MedicationRequest/${never}`])
    assert.ok(cards.every(({ jws }: { jws: string }) => !JSON.stringify(saidBy(jws)).includes('R05DA04')))
    const page = String((await treated.get(path, { accept: 'text/html', 'accept-language': 'en' })).body)
    assert.match(page, /Measles · a dose that is too weak to count · /)
    assert.match(page, /Penicillin · unconfirmed · high risk/)
    assert.match(page, /Metformin · on hold/)
    assert.match(
      page,
      /Amoxicillin · the course ended on 10 February 2031; nobody has confirmed that it is still taken/,
    )
    assert.doesNotMatch(page, /Codeine/)
  })

  it('shows a name that is made to deceive as a name', async () => {
    const name = '<script>alert(1)</script>\u202egnp.exe'
    const hostile = await newPatient(house, name)
    const treating = await house.signedIn({ self: { practitioner: newId() } })
    await house.owner.query(
      `insert into platform.access_grant (id, account_id, relationship, subject_type, subject_id, powers, valid_from)
       values ($1, $2, 'treatment', 'Patient', $3, '{see-record}', '2030-01-01Z')`,
      [newId(), treating.account, hostile.id],
    )
    await written(treating, vaccination(hostile))
    const { body, headers } = await hostile.get(`/v1/patients/${hostile.id}/health-cards`, { accept: 'text/html' })
    assert.doesNotMatch(body, /<script|\u202e/)
    assert.match(String(headers['content-security-policy']), /default-src 'none'/)
  })

  it('is for whoever sees the record', async () => {
    const stranger = await newPatient(house, 'Bekele Tadesse')
    for (const accept of ['application/json', 'text/html']) {
      assert.equal((await house.anonymous.get(url, { accept })).status, 401)
      assert.equal((await stranger.get(url, { accept })).status, 404)
      assert.equal((await doctor.get(url, { accept })).status, 200)
    }
    assert.equal((await patient.get(`${url}?of=everything`)).status, 400)
  })
})

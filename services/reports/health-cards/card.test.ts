import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { inflateRawSync } from 'node:zlib'
import fc from 'fast-check'
import { decodeProtectedHeader } from 'jose'
import jsQR from 'jsqr'
import { SHCReader } from 'kill-the-clipboard'
import { create } from 'qrcode'
import type { Resource } from '#fhir/resource.ts'
import { type CardPayload, cardFile, issueCards, QR_LENGTH } from './card.ts'
import { issuedCards, wantedCards } from './issue-parameters.ts'
import { cardIn, qrCode, qrText } from './qr-code.ts'
import { amina, diabetes, iss, measles, metformin, newSigner, now, penicillin } from './testing.ts'

const key = await newSigner()
const issue = (facts: Resource[], patient = amina) => issueCards({ key, iss, now, patient, facts })
const payloadOf = (card = ''): CardPayload =>
  JSON.parse(inflateRawSync(Buffer.from(card.split('.')[1] ?? '', 'base64url')).toString())
const said = (card?: string) => payloadOf(card).vc.credentialSubject.fhirBundle.entry.map(({ resource }) => resource)

describe('health cards', () => {
  it('say of a vaccination what verifiers need, in the form of the specification', async () => {
    const { cards, unsaid } = await issue([measles()])
    assert.equal(cards.length, 1)
    assert.deepEqual(unsaid, [])
    assert.deepEqual(decodeProtectedHeader(cards[0] ?? ''), { zip: 'DEF', alg: 'ES256', kid: key.kid })
    assert.deepEqual(payloadOf(cards[0]), {
      iss,
      nbf: 1_930_118_400,
      vc: {
        type: ['https://smarthealth.cards#health-card', 'https://smarthealth.cards#immunization'],
        credentialSubject: {
          fhirVersion: '4.0.1',
          fhirBundle: {
            resourceType: 'Bundle',
            type: 'collection',
            entry: [
              {
                fullUrl: 'resource:0',
                resource: {
                  resourceType: 'Patient',
                  name: [{ use: 'official', text: 'Amina Wanjiru Okello', given: ['Amina', 'Wanjiru'] }],
                  birthDate: '1987-06-05',
                },
              },
              {
                fullUrl: 'resource:1',
                resource: {
                  resourceType: 'Immunization',
                  status: 'completed',
                  vaccineCode: { coding: [{ system: 'http://hl7.org/fhir/sid/cvx', code: '03' }] },
                  patient: { reference: 'resource:0' },
                  occurrenceDateTime: '2029-11-12',
                  lotNumber: 'AB-12',
                  performer: [{ actor: { display: 'Lakeside Clinic' } }],
                },
              },
            ],
          },
        },
      },
    })
  })

  it('say the core of a summary: allergies, medicines and problems', async () => {
    const { cards, unsaid } = await issue([penicillin(), metformin(), diabetes()])
    assert.deepEqual(unsaid, [])
    assert.deepEqual(payloadOf(cards[0]).vc.type, ['https://smarthealth.cards#health-card'])
    const [, allergy, medicine, problem] = said(cards[0])
    assert.deepEqual(allergy?.reaction, [
      { manifestation: [{ coding: [{ system: 'http://snomed.info/sct', code: '271807003' }] }], severity: 'moderate' },
    ])
    assert.equal(allergy?.criticality, 'high')
    assert.deepEqual(medicine, {
      resourceType: 'MedicationStatement',
      status: 'active',
      medicationCodeableConcept: { coding: [{ system: 'http://www.whocc.no/atc', code: 'A10BA02' }] },
      subject: { reference: 'resource:0' },
      dosage: [{ text: '500 mg with meals' }],
    })
    assert.deepEqual(problem?.code, { coding: [{ system: 'http://hl7.org/fhir/sid/icd-10', code: 'E11.9' }] })
  })

  it('do not say what is not so, is of somebody else, or has no code; whoever issues them is told', async () => {
    const unsayable = [
      measles({ status: 'not-done' }),
      measles({ status: 'entered-in-error' }),
      measles({ vaccineCode: { text: 'some vaccine' } }),
      measles({ patient: { reference: 'Patient/another' } }),
      measles({ patient: { display: 'Amina' } }),
      measles({ modifierExtension: [{ url: 'https://openhcs.example/not', valueBoolean: true }] }),
      measles({ performer: [{ modifierExtension: [], actor: { display: 'x' } }] }),
      measles({ implicitRules: 'https://openhcs.example/rules' }),
      penicillin({ verificationStatus: { coding: [{ code: 'refuted' }] } }),
      metformin({ resourceType: 'MedicationRequest', intent: 'order', doNotPerform: true }),
      metformin({ medicationReference: { reference: 'Medication/m' }, medicationCodeableConcept: undefined }),
      { resourceType: 'Observation', id: 'o', status: 'final', subject: { reference: 'Patient/amina' } },
    ]
    const { cards, unsaid } = await issue([...unsayable, measles()])
    assert.deepEqual(unsaid, unsayable)
    assert.equal(said(cards[0]).length, 2)
    assert.deepEqual(await issue(unsayable), { cards: [], held: [], unsaid: unsayable })
  })

  it('are as many as fit into one QR code each, and say each fact once', async () => {
    const lots = Array.from({ length: 40 }, (_, at) => `LOT-${at}-${(at * 7919) % 997}`)
    const { cards } = await issue(lots.map((lotNumber) => measles({ lotNumber })))
    assert.ok(cards.length > 1)
    for (const card of cards) assert.ok(card.length <= QR_LENGTH, `${card.length}`)
    const told = cards.flatMap((card) =>
      said(card)
        .slice(1)
        .map(({ lotNumber }) => lotNumber),
    )
    assert.deepEqual(told, lots)
    const [first = 0] = cards.map((card) => said(card).length - 1)
    const oneMore = lots.slice(0, first + 1).map((lotNumber) => measles({ lotNumber }))
    assert.equal((await issue(oneMore)).cards.length, 2, 'no card has room for one more')
    const names = Array.from({ length: 400 }, (_, at) => ({ text: `Name ${(at * 7919) % 997}` }))
    const [long = ''] = (await issue([measles()], { ...amina, name: names })).cards
    assert.throws(() => qrText(long), /does not fit into one QR code/)
  })

  it('leave out of any resource ids, words for codes, labels and narrative', async () => {
    const concept = fc.record({
      id: fc.string(),
      text: fc.string(),
      coding: fc.array(fc.record({ id: fc.string(), code: fc.stringMatching(/^\w+$/), display: fc.string() }), {
        minLength: 1,
      }),
    })
    await fc.assert(
      fc.asyncProperty(concept, concept, fc.json(), async (one, other, words) => {
        const extension = [{ url: 'https://openhcs.example/x', valueString: words }]
        const facts = [
          penicillin({
            code: one,
            extension,
            reaction: [{ id: 'r', extension, manifestation: [other], severity: 'mild' }],
          }),
          diabetes({ code: other, bodySite: [one], severity: one, meta: { tag: [{ code: 't' }] } }),
        ]
        const { cards } = await issue(facts)
        const forbidden = /"(?:id|meta|text|display|extension|_\w+)":/
        for (const card of cards) assert.doesNotMatch(JSON.stringify(said(card).slice(1)), forbidden)
      }),
      { numRuns: 50 },
    )
  })

  it('are read by a foreign verifier: as text, from a file, from a QR code', async () => {
    const { cards } = await issue([measles(), penicillin(), metformin(), diabetes()])
    const reader = new SHCReader({ publicKey: key.jwk as JsonWebKey })
    const [card = ''] = cards
    const read = [
      await reader.fromJWS(card),
      await reader.fromFileContent(JSON.stringify(cardFile(cards))),
      await reader.fromQRNumeric(qrText(card)),
    ]
    for (const one of read) assert.deepEqual(await one.asBundle(), payloadOf(card).vc.credentialSubject.fhirBundle)
    const another = await newSigner()
    await assert.rejects(new SHCReader({ publicKey: another.jwk as JsonWebKey }).fromJWS(card), /signature/i)
  })
})

describe('QR codes of health cards', () => {
  it('are read from their picture, and of a size that is read from paper', async () => {
    const card = `${'a'.repeat(20)}.${'Z_-'.repeat(362)}.${'9'.repeat(86)}`.slice(0, QR_LENGTH)
    const { segments, options } = qrCode(card)
    const { modules, version } = create(segments as never, options)
    assert.ok(version <= 22, `${version}`)
    const [scale, margin] = [3, 12]
    const side = modules.size * scale + 2 * margin
    const picture = new Uint8ClampedArray(side * side * 4).fill(255)
    for (let y = margin; y < side - margin; y++)
      for (let x = margin; x < side - margin; x++)
        if (modules.get(Math.floor((y - margin) / scale), Math.floor((x - margin) / scale)))
          picture.fill(0, (y * side + x) * 4, (y * side + x) * 4 + 3)
    const { data = '' } = (jsQR as unknown as typeof jsQR.default)(picture, side, side) ?? {}
    assert.equal(data, qrText(card))
    assert.equal(cardIn([data]), card)
  })

  it('hold the example of the specification, and parts in any order', () => {
    assert.equal(qrText('eyJ6aXAiOiJ'), 'shc:/5676290952432060346029')
    assert.equal(cardIn(['shc:/5676290952432060346029']), 'eyJ6aXAiOiJ')
    assert.equal(cardIn(['shc:/2/2/52432060346029', 'shc:/1/2/56762909']), 'eyJ6aXAiOiJ')
  })

  it('are no card where a part is missing, twice there, or none', () => {
    const broken = [
      [],
      [''],
      ['shc:/'],
      ['shc:/567'],
      ['shc:/5678zz'],
      ['shc:/5699'],
      ['shc:/5676 '],
      ['SHC:/5676'],
      ['shc:/1/1/5676'],
      ['shc:/1/2/5676'],
      ['shc:/1/2/5676', 'shc:/1/2/5676'],
      ['shc:/1/2/5676', 'shc:/3/2/5676'],
      ['shc:/0/2/5676', 'shc:/1/2/5676'],
      ['shc:/1/2/5676', 'shc:/5676'],
      Array.from({ length: 40 }, (_, at) => `shc:/${at + 1}/40/5676`),
    ]
    for (const texts of broken) assert.equal(cardIn(texts), undefined, texts.join(' '))
  })
})

describe('the parameters of $health-cards-issue', () => {
  const asked = (...parameter: object[]) => wantedCards({ resourceType: 'Parameters', parameter })
  const type = (valueUri: unknown) => ({ name: 'credentialType', valueUri })

  it('tell which cards are wanted, also by the names of the first version', () => {
    const nothing = { valueSets: [], identityClaims: [], since: undefined }
    assert.deepEqual(asked(type('Immunization')), { ...nothing, types: ['Immunization'] })
    assert.deepEqual(asked(type('#immunization'), type('https://smarthealth.cards#laboratory')), {
      ...nothing,
      types: ['Immunization', 'Observation'],
    })
    const valueSet = 'https://terminology.smarthealth.cards/ValueSet/immunization-orthopoxvirus-all'
    assert.deepEqual(
      asked(
        type('Immunization'),
        { name: 'credentialValueSet', valueUri: valueSet },
        { name: 'includeIdentityClaim', valueString: 'Patient.name' },
        { name: '_since', valueDateTime: '2021-03' },
      ),
      { types: ['Immunization'], valueSets: [valueSet], identityClaims: ['Patient.name'], since: '2021-03' },
    )
  })

  it('are refused where they say none, or in another form', () => {
    const refused = [
      asked(),
      asked({ name: 'credentialType', valueString: 'Immunization' }),
      asked(type('https://elsewhere.example#immunization')),
      asked(type('Immunization'), { name: '_since', valueDateTime: 'yesterday' }),
      asked(type('Immunization'), { name: '_since', valueDateTime: '2021' }, { name: '_since', valueDateTime: '2022' }),
      asked(type('Immunization'), { name: 'credentialValueSet', valueString: 'x' }),
      wantedCards({ resourceType: 'Bundle', parameter: [type('Immunization')] }),
      wantedCards({ resourceType: 'Parameters' }),
    ]
    assert.deepEqual(
      refused,
      refused.map(() => undefined),
    )
  })

  it('are answered with the cards, or with nothing', () => {
    assert.deepEqual(issuedCards(['a.b.c']), {
      resourceType: 'Parameters',
      parameter: [{ name: 'verifiableCredential', valueString: 'a.b.c' }],
    })
    assert.deepEqual(issuedCards([]), { resourceType: 'Parameters' })
  })
})

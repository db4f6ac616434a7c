import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  calculateJwkThumbprint,
  createLocalJWKSet,
  decodeProtectedHeader,
  flattenedVerify,
  type JSONWebKeySet,
} from 'jose'
import { CompiledQuery } from 'kysely'
import { parseExact } from '#fhir/decimal.ts'
import { system } from '#platform/auth.ts'
import { newId } from '#platform/ids.ts'
import { listSigningKeys, retireSigningKey, withdrawSigningKey } from '#platform/signing/keys.ts'
import { type Signing, sign, verify } from '#platform/signing/sign.ts'
import { openTestHouse, type TestHouse } from '#platform/testing.ts'
import { transact } from '#platform/transaction.ts'
import { everything } from '#services.ts'
import { openWard, pulse } from '../ward.ts'

const canonicalization = 'http://hl7.org/fhir/canonicalization/json#static'
const by = 'Practitioner/019a0000-0000-7000-8000-000000000001'
const weight = {
  resourceType: 'Observation',
  id: 'w1',
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code: '29463-7' }] },
  valueQuantity: { value: 71.5, unit: 'kg' },
}

const contextOf = ({ house }: TestHouse, room = 'records') =>
  house.context(room, { actor: system, traceId: newId(), doing: 'test' })

const signedIn = (house: TestHouse, of: Partial<Signing> = {}, room?: string) =>
  transact(contextOf(house, room), (ctx) => sign(ctx, { signed: weight, canonicalization, by, as: 'author', ...of }))

const send =
  ({ owner }: TestHouse) =>
  (text: string, values?: unknown[]) =>
    owner.query(text, values)

async function published(house: TestHouse) {
  const { status, headers, body } = await house.anonymous.get('/.well-known/jwks.json')
  assert.equal(status, 200)
  return { headers, keys: body as JSONWebKeySet }
}

/** As somebody else does it, who has the public keys, the resource and the page of decisions. */
async function foreignVerdict(keys: JSONWebKeySet, canonical: string, jws: string) {
  const [protectedHeader = '', , signature = ''] = jws.split('.')
  const payload = Buffer.from(canonical).toString('base64url')
  return flattenedVerify({ protected: protectedHeader, payload, signature }, createLocalJWKSet(keys))
}

describe('signatures over resources', () => {
  it('say who signed what, when and as what, and are checked by strangers', async () => {
    await using house = await openTestHouse(everything)
    const jws = await signedIn(house)
    const verified = { verified: true, by, at: new Date('2031-03-01T08:00:00Z'), as: 'author' }
    assert.deepEqual(await verify(contextOf(house), weight, jws), verified)
    const { keys, headers } = await published(house)
    const canonical =
      '{"code":{"coding":[{"code":"29463-7","system":"http://loinc.org"}]},"id":"w1","resourceType":"Observation","status":"final","valueQuantity":{"unit":"kg","value":71.5}}'
    const { protectedHeader } = await foreignVerdict(keys, canonical, jws)
    assert.deepEqual(protectedHeader, {
      alg: 'ES256',
      kid: keys.keys[0]?.kid,
      iss: 'http://openhcs.test',
      sub: by,
      sigT: '2031-03-01T08:00:00Z',
      canon: canonicalization,
      srCms: [{ commId: { id: 'urn:oid:1.2.840.10065.1.12.1.1', desc: "Author's Signature" } }],
    })
    assert.equal(headers['access-control-allow-origin'], '*')
    assert.equal(headers['cache-control'], 'public, max-age=300')
  })

  it('hold for one version of a resource: what the store adds changes nothing, all else does', async () => {
    await using house = await openTestHouse(everything)
    const jws = await signedIn(house)
    const ctx = contextOf(house)
    const verdict = async (signed: Signing['signed'], of = jws) => {
      const given = await verify(ctx, signed, of)
      return given.verified || given.why
    }
    assert.equal(await verdict({ ...weight, meta: { versionId: '2', lastUpdated: '2031-03-01T09:00:00Z' } }), true)
    assert.equal(await verdict({ ...weight, status: 'amended' }), 'altered')
    assert.equal(await verdict({ ...weight, note: [{ text: 'fasting' }] }), 'altered')
    assert.equal(await verdict([weight]), 'altered')
    assert.equal(await verdict({ ...weight, status: '\ud800' }), 'altered')

    const exact = parseExact(JSON.stringify(weight).replace('71.5', '71.50')) as Signing['signed']
    assert.equal(await verdict(exact), 'altered', 'how precise it was')
    const ofExact = await signedIn(house, { signed: exact })
    assert.equal(await verdict(exact, ofExact), true)
    assert.equal(await verdict(weight, ofExact), 'altered')

    const both = await signedIn(house, { signed: [weight, { ...weight, id: 'w2' }] })
    assert.equal(await verdict([weight, { ...weight, id: 'w2' }], both), true)
    assert.equal(await verdict([{ ...weight, id: 'w2' }, weight], both), 'altered', 'their order')
  })

  it('no longer hold for a record whose row was edited behind the service', async () => {
    await using house = await openTestHouse(everything)
    const { doctor, patient } = await openWard(house)
    const { id } = (await doctor.post('/fhir/R4/Observation', pulse(patient.patient))).body
    const read = async () => {
      const headers = { authorization: `Bearer ${doctor.token}` }
      return parseExact(
        (await house.app.inject({ url: `/fhir/R4/Observation/${id}`, headers })).payload,
      ) as Signing['signed']
    }
    const jws = await signedIn(house, { signed: await read() })
    assert.equal((await verify(contextOf(house), await read(), jws)).verified, true)
    await house.owner.query(
      `update platform.fhir_resource set body = replace(body, '"value":72', '"value":27') where id = $1`,
      [id],
    )
    assert.deepEqual(await verify(contextOf(house), await read(), jws), { verified: false, why: 'altered' })
  })

  it('are refused with the reason why: of no form, of no key, with another header, with another algorithm', async () => {
    await using house = await openTestHouse(everything)
    const jws = await signedIn(house)
    const why = async (of: string) => {
      const given = await verify(contextOf(house), weight, of)
      return given.verified || given.why
    }
    const [header = '', , signature = ''] = jws.split('.')
    const told = decodeProtectedHeader(jws)
    const withHeader = (change: object) =>
      `${Buffer.from(JSON.stringify({ ...told, ...change })).toString('base64url')}..${signature}`
    const otherSignature = `${signature[0] === 'A' ? 'B' : 'A'}${signature.slice(1)}`
    const cases: [string, string][] = [
      ['', 'malformed'],
      ['a..b', 'malformed'],
      [`${header}..${signature.slice(2)}`, 'malformed'],
      [`${header}.${Buffer.from('{}').toString('base64url')}.${signature}`, 'malformed'],
      [withHeader({ alg: 'none' }), 'malformed'],
      [withHeader({ alg: 'HS256' }), 'malformed'],
      [withHeader({ canon: 'http://hl7.org/fhir/canonicalization/json#data' }), 'malformed'],
      [withHeader({ sigT: 'yesterday' }), 'malformed'],
      [withHeader({ srCms: [] }), 'malformed'],
      [withHeader({ kid: 'x'.repeat(43) }), 'unknown-key'],
      [withHeader({ sub: 'Practitioner/another' }), 'altered'],
      [withHeader({ sigT: '2030-01-01T00:00:00Z' }), 'altered'],
      [withHeader({ crit: ['b64'], b64: false }), 'altered'],
      [`${header}..${otherSignature}`, 'altered'],
    ]
    for (const [of, expected] of cases) assert.equal(await why(of), expected, of)
  })
})

describe('keys that sign', () => {
  it('are one, whoever signs first in however many rooms at once', async () => {
    await using house = await openTestHouse(everything)
    assert.deepEqual((await published(house)).keys, { keys: [] })
    const rooms = [
      'records',
      'scheduling',
      'registry',
      'identity',
      'notifications',
      'records',
      'scheduling',
      'registry',
    ]
    const signatures = await Promise.all(rooms.map((room) => signedIn(house, {}, room)))
    const { keys } = (await published(house)).keys
    assert.equal(keys.length, 1)
    for (const jws of signatures) assert.equal(decodeProtectedHeader(jws).kid, keys[0]?.kid)
  })

  it('are published by their public halves alone, under their thumbprints', async () => {
    await using house = await openTestHouse(everything)
    await signedIn(house)
    const { keys } = (await published(house)).keys
    for (const key of keys) {
      assert.deepEqual(Object.keys(key).sort(), ['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y'])
      assert.equal(key.kid, await calculateJwkThumbprint(key))
    }
    const { rows } = await house.owner.query('select wrapped from platform.signing_key')
    assert.equal(rows[0].wrapped.length, 12 + 32 + 16, 'sealed')
  })

  it('are made and changed by no room but through the first that signs', async () => {
    await using house = await openTestHouse(everything)
    await signedIn(house)
    const kids = async () => (await house.owner.query('select kid from platform.signing_key')).rows
    const before = await kids()
    const ask = (text: string, values: unknown[] = []) =>
      contextOf(house).db.executeQuery(CompiledQuery.raw(text, values))
    const another = 'x'.repeat(43)
    await ask('select platform.next_signing_key($1, $2, $3, now())', [another, '{}', Buffer.alloc(60)])
    assert.deepEqual(await kids(), before)
    for (const text of [
      'update platform.signing_key set retired_at = now(), wrapped = null',
      'delete from platform.signing_key',
      `insert into platform.signing_key (kid, jwk, created_at) values ('${another}', '{}', now())`,
    ])
      await assert.rejects(ask(text), /permission denied/)
  })

  it('stay to be checked against when another signs; the private half of what is retired is gone', async () => {
    await using house = await openTestHouse(everything)
    const before = await signedIn(house)
    await retireSigningKey(send(house), new Date('2031-03-01T09:00:00Z'))
    const { rows } = await house.owner.query('select wrapped from platform.signing_key')
    assert.deepEqual(rows, [{ wrapped: null }])
    house.setNow('2031-03-01T10:00:00Z')
    const after = await signedIn(house)
    const [one, other] = [before, after].map((jws) => decodeProtectedHeader(jws).kid)
    assert.notEqual(one, other)
    for (const jws of [before, after]) assert.equal((await verify(contextOf(house), weight, jws)).verified, true)
    assert.deepEqual(
      (await published(house)).keys.keys.map(({ kid }) => kid),
      [other, one],
    )
  })

  it('count for nothing once they are withdrawn, and another signs', async () => {
    await using house = await openTestHouse(everything)
    const leaked = await signedIn(house)
    const { kid = '' } = decodeProtectedHeader(leaked)
    assert.equal(await withdrawSigningKey(send(house), 'x'.repeat(43), new Date()), false)
    assert.equal(await withdrawSigningKey(send(house), kid, new Date('2031-03-01T09:00:00Z')), true)
    assert.deepEqual(await verify(contextOf(house), weight, leaked), { verified: false, why: 'withdrawn-key' })
    assert.deepEqual((await published(house)).keys, { keys: [] })
    const next = await signedIn(house)
    assert.notEqual(decodeProtectedHeader(next).kid, kid)
    assert.equal((await verify(contextOf(house), weight, next)).verified, true)
    const state = (await listSigningKeys(send(house))).find((key) => key.kid === kid)
    assert.deepEqual(state?.withdrawnAt, new Date('2031-03-01T09:00:00Z'))
  })

  it('cost a signature one statement', async () => {
    await using house = await openTestHouse(everything)
    await signedIn(house)
    const nothing = await house.cost(() => transact(contextOf(house), async () => undefined))
    const once = await house.cost(() => signedIn(house))
    assert.equal(once.statements - nothing.statements, 1)
  })
})

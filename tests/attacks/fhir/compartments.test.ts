import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { newId } from '#platform/ids.ts'
import type { Client } from '#platform/testing.ts'
import { about, appOf, doctorOf, grant, idsIn, labelled, openWard, pulse } from './ward.ts'

/** What can be asked beside, each of which could tell of what is not shown. */
const BESIDE = [
  ...['', '_total=accurate', '_count=1&_total=accurate', '_summary=count', '_sort=-_lastUpdated'],
  ...[
    '_include=*&_total=accurate',
    '_revinclude=Provenance:target',
    'code=8867-4&_total=accurate',
    '_filter=code pr true',
  ],
  ...['_id:not=1&_total=accurate', 'nonsense=1'],
]

describe('/fhir/R4: the compartment of an encounter, a practitioner, a related person, a device', async () => {
  const ward = await openWard()
  after(() => ward[Symbol.asyncDispose]())
  const { house, ann, ben, doctorOfAnn, doctorOfBen } = ward
  const post = async (who: Client, resource: { resourceType: string }) => {
    const answer = await who.post(`/fhir/R4/${resource.resourceType}`, resource)
    assert.equal(answer.status, 201, JSON.stringify(answer.body))
    return answer.body.id as string
  }
  const encounter = await post(doctorOfBen, about('Encounter', ben.patient))
  const ids = { Encounter: encounter, Practitioner: newId(), RelatedPerson: newId(), Device: newId() }
  const to = (of: keyof typeof ids) => ({ reference: `${of}/${ids[of]}` })
  const named = {
    ...{ encounter: to('Encounter'), device: to('Device'), performer: [to('Practitioner'), to('RelatedPerson')] },
  }
  const ofBen = await post(doctorOfBen, pulse(ben.patient, named))
  const url = (of: string, id: string, type = 'Observation') => `/fhir/R4/${of}/${id}/${type}`

  /** Without the address that was asked for. */
  const told = async (who: Client, address: string, id: string) => {
    const { status, body } = await who.get(address)
    return [
      status,
      JSON.stringify(body)
        .replaceAll(id, '<id>')
        .replace(/"id":"[0-9a-f-]{36}"/g, ''),
    ]
  }

  it('shows whoever may see what is in it', async () => {
    for (const [of, id] of Object.entries(ids))
      for (const who of [doctorOfBen, ben])
        assert.ok(
          idsIn(await who.get(url(of, id))).includes(ofBen),
          `${of} ${JSON.stringify((await who.get(url(of, id))).body)}`,
        )
  })

  it('is to others as though nobody had ever been in it, whatever is asked beside', async () => {
    for (const [of, id] of Object.entries(ids))
      for (const type of ['Observation', '*', of])
        for (const asked of BESIDE) {
          const none = newId()
          for (const who of [ann, doctorOfAnn]) {
            const there = await told(who, `${url(of, id, type)}?${asked}`, id)
            // Two readers may not see Ben's encounter; who is in the directory or a device is about nobody, and shows.
            assert.deepEqual(there, await told(who, `${url(of, none, type)}?${asked}`, none), `${of}/${type}?${asked}`)
          }
        }
  })

  it('holds of two patients, for whom it is about, each one alone: not counted, not paged, not included', async () => {
    const ofAnn = await post(doctorOfAnn, pulse(ann.patient, named))
    for (const [of, id] of Object.entries(ids)) {
      const see = async (who: Client) => {
        const first = await who.get(`${url(of, id)}?_total=accurate&_count=1`)
        return [first.body.total, idsIn(first), first.body.link.length]
      }
      assert.deepEqual(await see(doctorOfBen), [1, [ofBen], 1], of)
      assert.deepEqual(await see(doctorOfAnn), [1, [ofAnn], 1], of)
      const both = await doctorOf(house, [ann.patient, ben.patient])
      assert.deepEqual(idsIn(await both.get(url(of, id))), [ofAnn, ofBen].sort())
      const app = await appOf(house, both, ['patient/Observation.rs'], ann.patient)
      assert.deepEqual(idsIn(await app.get(url(of, id))), [ofAnn], 'bound to Ann')
      assert.deepEqual(idsIn(await app.get(url(of, id, '*'))), [ofAnn], 'bound to Ann')
    }
  })

  it('does not count what is refused to whoever asks', async () => {
    const secret = await post(doctorOfBen, pulse(ben.patient, { ...named, ...labelled('HIV') }))
    const limited = await house.signedIn({ roles: ['caregiver'] })
    await grant(house, limited.account, { subject: ben.patient, relationship: 'mandate' })
    await house.owner.query(
      `insert into platform.refusal (subject_id, purpose, category, since) values ($1, 'treatment', 'hiv', '2031-01-01Z')`,
      [ben.patient],
    )
    for (const [of, id] of Object.entries(ids)) {
      assert.deepEqual(idsIn(await ben.get(url(of, id))), [ofBen, secret].sort(), of)
      for (const who of [doctorOfBen, limited]) {
        const { body } = await who.get(`${url(of, id)}?_total=accurate`)
        assert.deepEqual([body.total, idsIn({ body })], [1, [ofBen]], of)
      }
    }
  })

  it('asks for the scope of what is searched, and is narrowed as any search is', async () => {
    const other = await appOf(house, doctorOfBen, ['user/Condition.rs'])
    const narrow = await appOf(house, doctorOfBen, ['user/Observation.rs?code=http://loinc.org|8480-6'])
    const writes = await appOf(house, doctorOfBen, ['user/Observation.c'])
    for (const [of, id] of Object.entries(ids)) {
      assert.equal((await other.get(url(of, id))).status, 403, of)
      assert.equal((await writes.get(url(of, id))).status, 403, of)
      assert.deepEqual(idsIn(await other.get(url(of, id, '*'))), [], of)
      assert.deepEqual(idsIn(await narrow.get(url(of, id))), [], of)
      assert.equal((await house.anonymous.get(url(of, id))).status, 401, of)
    }
  })
})

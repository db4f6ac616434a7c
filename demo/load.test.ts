import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type pg from 'pg'
import { system } from '#platform/auth.ts'
import { newId } from '#platform/ids.ts'
import { openTestHouse, type TestHouse } from '#platform/testing.ts'
import { readPlaceCard, readPractitionerCard } from '#services/registry/contract.ts'
import { divergence } from '#services/scheduling/queries/mirror.ts'
import { everything } from '#services.ts'
import { DEMO_PASSWORD } from './country.ts'
import { loadDemo, purgeDemo } from './load.ts'
import { signIns } from './sign-ins.ts'

const now = new Date('2031-03-01T08:00:00Z')
const small = { practitioners: 60, people: 300, now }

/** Rows of each table of the ground and the rooms. */
async function counts(owner: pg.Client): Promise<Record<string, number>> {
  const { rows } = await owner.query(`
    select n.nspname || '.' || c.relname as name,
      (xpath('/row/n/text()', query_to_xml(format('select count(*) as n from %I.%I', n.nspname, c.relname), false, true, '')))[1]::text::int as n
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind = 'r' and (n.nspname in (select room from platform.migration) or c.relname = '_private_jobs') order by 1`)
  return Object.fromEntries(rows.map(({ name, n }) => [name, n]))
}

const signIn = async (house: TestHouse, userName: string) => {
  const { status, body } = await house.anonymous.post('/v1/sessions', { userName, password: DEMO_PASSWORD })
  assert.equal(status, 201, JSON.stringify(body))
  return house.withToken(body.token)
}
const signUp = (house: TestHouse) =>
  house.anonymous.post('/v1/accounts', {
    userName: 'somebody.real',
    name: 'Somebody Real',
    password: 'lantern-salt-harbour',
  })

describe('loading the demonstration', () => {
  it('fills every room, with ranges that are exactly shifts − claims', async () => {
    await using house = await openTestHouse(everything)
    assert.match(await loadDemo(house.house.config, small), /60 practitioners, 300 patients/)
    const there = await counts(house.owner)
    for (const table of [
      'identity.account',
      'registry.mandate',
      'scheduling.claim',
      'scheduling.free_range',
      'notifications.notification',
    ])
      assert.ok((there[table] ?? 0) > 10, table)
    assert.deepEqual(await divergence(house.db('scheduling'), now), [])
    const { rows } = await house.owner.query('select demo, demo_seed from platform.installation')
    assert.deepEqual(rows, [{ demo: true, demo_seed: 'null-island' }])
  })

  it('mirrors in scheduling what registry says', async () => {
    await using house = await openTestHouse(everything)
    await loadDemo(house.house.config, small)
    const ctx = house.house.context('scheduling', { actor: system, traceId: newId(), doing: 'test' })
    const { rows } = await house.owner.query(
      'select id, name, gender, languages, specialities, licensed_from, licensed_until from scheduling.practitioner',
    )
    for (const { licensed_from, licensed_until, ...mirrored } of rows) {
      const {
        account: _,
        licensedFrom,
        licensedUntil,
        ...card
      } = await ctx.call(readPractitionerCard, { params: { id: mirrored.id } })
      assert.deepEqual(card, mirrored)
      assert.deepEqual([licensedFrom, licensedUntil], [licensed_from?.toISOString(), licensed_until?.toISOString()])
    }
    const places = await house.owner.query('select id, name, zone, latitude, longitude from scheduling.place')
    for (const place of places.rows)
      assert.deepEqual(await ctx.call(readPlaceCard, { params: { id: place.id } }), place)
  })

  it('happens once, also when two start at the same time', async () => {
    await using house = await openTestHouse(everything)
    const both = await Promise.all([loadDemo(house.house.config, small), loadDemo(house.house.config, small)])
    assert.equal(both.filter((answer) => /loaded already/.test(answer)).length, 1)
  })

  it('refuses to mix with real data', async () => {
    await using house = await openTestHouse(everything)
    assert.equal((await signUp(house)).status, 201)
    const before = await counts(house.owner)
    assert.match(await loadDemo(house.house.config, small), /identity\.account has real data, and it refuses to mix/)
    assert.deepEqual(await counts(house.owner), before)
    assert.equal((await house.owner.query('select demo from platform.installation')).rows[0].demo, false)
  })

  it('leaves nothing behind when it fails half-way', async () => {
    await using house = await openTestHouse(everything)
    const before = await counts(house.owner)
    await house.owner.query(`
      create function public.fail() returns trigger language plpgsql as $$ begin raise 'the disk is full'; end $$;
      create trigger fail before insert on scheduling.claim execute function public.fail()`)
    await assert.rejects(loadDemo(house.house.config, small), /the disk is full/)
    assert.deepEqual(await counts(house.owner), before)
    await house.owner.query('drop trigger fail on scheduling.claim')
    assert.match(await loadDemo(house.house.config, small), /is loaded/)
  })
})

describe('a loaded demonstration', () => {
  it('lets everybody on the list sign in, in their roles', async () => {
    await using house = await openTestHouse(everything)
    await loadDemo(house.house.config, small)
    for (const { userName, ...is } of signIns) {
      const { body } = await (await signIn(house, userName)).get('/v1/account')
      const expected = [
        ...(is.administrator ? ['administrator'] : []),
        ...(is.practitioner?.licence === 'verified' ? ['practitioner'] : []),
        ...(is.patient ? ['patient'] : []),
        ...(is.caregiver ? ['caregiver'] : []),
      ]
      assert.deepEqual(body.roles.sort(), expected.sort(), userName)
    }
  })

  it('can be used: a caregiver finds and books, and an administrator verifies the licence that waits', async () => {
    await using house = await openTestHouse(everything)
    await loadDemo(house.house.config, small)
    const grace = await signIn(house, 'grace')
    const patients = await grace.get('/v1/patients')
    const found = await grace.get('/v1/practitioners/find?speciality=cardiology')
    assert.ok(found.body.items.length > 0)
    const { id: practitioner, next } = found.body.items[0]
    const patient = patients.body.items.find(
      ({ relationship }: { relationship: string }) => relationship === 'mandate',
    ).id
    const booked = await grace.post('/v1/appointments', { practitioner, patient, start: next.start })
    assert.equal(booked.status, 201, JSON.stringify(booked.body))
    assert.deepEqual(await divergence(house.db('scheduling'), now), [])

    const ada = await signIn(house, 'ada')
    const waiting = await ada.get('/v1/licences?status=pending')
    const { id, version } = waiting.body.items[0]
    assert.match((await ada.get(`/v1/licences/${id}/certificate`)).body, /^%PDF-1\.4/)
    const verified = await ada.post(
      `/v1/licences/${id}/verify`,
      { decision: 'verified' },
      { 'if-match': `"${version}"` },
    )
    assert.equal(verified.status, 200, JSON.stringify(verified.body))
  })

  it('marks whatever is added as fiction', async () => {
    await using house = await openTestHouse(everything)
    await loadDemo(house.house.config, small)
    await signUp(house)
    const { rows } = await house.owner.query(`select demo from identity.account where user_name = 'somebody.real'`)
    assert.deepEqual(rows, [{ demo: true }])
  })
})

describe('purging the demonstration', () => {
  it('leaves what every installation has, and nothing else', async () => {
    await using house = await openTestHouse(everything)
    const { config } = house.house
    const before = await counts(house.owner)
    await loadDemo(config, small)
    const grace = await signIn(house, 'grace')
    await grace.get('/v1/patients')
    await house.owner.query(`select platform.add_jobs('[{"identifier": "notifications:remind", "payload": {}}]')`)
    assert.match(await purgeDemo(config), /is removed/)
    assert.deepEqual(await counts(house.owner), before)
    assert.equal((await grace.get('/v1/account')).status, 401)
    assert.ok(!existsSync(join(config.OPENHCS_HOME, 'files')))
    await signUp(house)
    const { rows } = await house.owner.query('select demo from identity.account')
    assert.deepEqual(rows, [{ demo: false }])
    assert.match(await loadDemo(config, small), /refuses to mix/)
  })

  it('is not undone by a start: only by asking for it', async () => {
    await using house = await openTestHouse(everything)
    const { config } = house.house
    await loadDemo(config, small)
    await purgeDemo(config)
    assert.match(await loadDemo(config, { ...small, again: false }), /was removed earlier/)
    assert.match(await loadDemo(config, small), /is loaded/)
  })

  it('does not touch an installation that is not a demonstration', async () => {
    await using house = await openTestHouse(everything)
    await signUp(house)
    const before = await counts(house.owner)
    assert.match(await purgeDemo(house.house.config), /no demonstration here/)
    assert.deepEqual(await counts(house.owner), before)
  })

  it('refuses when somebody real has got in', async () => {
    await using house = await openTestHouse(everything)
    await loadDemo(house.house.config, small)
    await house.owner.query(
      `update registry.patient set demo = false where id = (select id from registry.patient limit 1)`,
    )
    const before = await counts(house.owner)
    assert.match(await purgeDemo(house.house.config), /registry\.patient has rows that are not of the demonstration/)
    assert.deepEqual(await counts(house.owner), before)
  })
})

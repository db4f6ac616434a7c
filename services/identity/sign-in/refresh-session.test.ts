import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { openStreet } from './testing.ts'

const MINUTE = 60
const DAY = 86_400

describe('POST /v1/sessions/refresh', async () => {
  const { house, later, newcomer, post, rows, signIn } = await openStreet()
  await newcomer('amina')
  const begin = async () => {
    later(0)
    const { body } = await signIn({ userName: 'amina', refresh: true })
    return body as { id: string; token: string; refreshToken: string; expiresAt: string; endsAt: string }
  }
  const refresh = (refreshToken: string) => post('/v1/sessions/refresh', { refreshToken })
  const works = async (token: string) => (await house.withToken(token).get('/v1/account')).status === 200

  it('gives a token for a quarter of an hour, and the next one for the refresh token', async () => {
    const first = await begin()
    assert.equal(first.expiresAt, '2031-03-01T08:15:00.000Z')
    assert.equal(first.endsAt, '2031-03-31T08:00:00.000Z')
    assert.match(first.refreshToken, /^ohcr_[\w-]{43}$/)
    later(16 * MINUTE)
    assert.equal(await works(first.token), false)
    const { status, body } = await refresh(first.refreshToken)
    assert.equal(status, 200)
    assert.deepEqual([body.expiresAt, body.endsAt], ['2031-03-01T08:31:00.000Z', first.endsAt])
    assert.ok(await works(body.token))
    assert.equal((await house.withToken(body.token).get('/v1/sessions')).body.items[0].id, first.id)
  })

  it('ends the token before at once, and stores hashes only', async () => {
    const first = await begin()
    const { body } = await refresh(first.refreshToken)
    assert.equal(await works(first.token), false)
    const stored = JSON.stringify(
      await rows('select r::text, s::text from identity.refresh_token r, platform.session s'),
    )
    for (const secret of [first.token, first.refreshToken, body.token, body.refreshToken])
      assert.ok(!stored.includes(secret) && !stored.includes(Buffer.from(secret).toString('hex')))
  })

  it('is no token for requests, and a token is none for it', async () => {
    const { token, refreshToken } = await begin()
    assert.equal(await works(refreshToken), false)
    assert.equal((await refresh(token)).status, 401)
    assert.equal((await refresh('ohcr_never')).status, 401)
    assert.equal((await post('/v1/sessions/refresh', {})).status, 400)
  })

  it('gives the same answer to whoever lost it, for ten seconds', async () => {
    const { refreshToken } = await begin()
    const { body } = await refresh(refreshToken)
    later(10)
    assert.deepEqual((await refresh(refreshToken)).body, body)
    assert.ok(await works(body.token))
  })

  it('makes one successor of five requests at the same moment', async () => {
    const { id, refreshToken } = await begin()
    const answers = await Promise.all(Array.from({ length: 5 }, () => refresh(refreshToken)))
    assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200])
    assert.equal(new Set(answers.map(({ body }) => JSON.stringify(body))).size, 1)
    const [{ count }] = (await rows('select count(*)::int from identity.refresh_token where session_id = $1', [
      id,
    ])) as [{ count: number }]
    assert.equal(count, 2)
  })

  it('ends the session when a refresh token comes back later', async () => {
    const { refreshToken } = await begin()
    const { body } = await refresh(refreshToken)
    later(11)
    assert.equal((await refresh(refreshToken)).status, 401)
    assert.equal(await works(body.token), false)
    assert.equal((await refresh(body.refreshToken)).status, 401)
    const traces = await rows("select action from platform.audit_event where reason = 'replay'")
    assert.deepEqual(traces, [{ action: 'D' }])
  })

  it('ends the session when its successor has been used, also within the ten seconds', async () => {
    const { refreshToken } = await begin()
    const second = (await refresh(refreshToken)).body
    const third = (await refresh(second.refreshToken)).body
    assert.equal((await refresh(refreshToken)).status, 401)
    assert.equal(await works(third.token), false)
    assert.equal((await refresh(third.refreshToken)).status, 401)
  })

  it('ends with the session: revoked, at its absolute end, and when it rested too long', async () => {
    const revoked = await begin()
    await house.withToken(revoked.token).delete('/v1/sessions/current')
    assert.equal((await refresh(revoked.refreshToken)).status, 401)
    const idle = await begin()
    later(14 * DAY + 1)
    assert.equal((await refresh(idle.refreshToken)).status, 401)
    let { refreshToken, expiresAt, endsAt } = await begin()
    for (const day of [10, 20, 29.995]) {
      later(day * DAY)
      ;({ refreshToken, expiresAt } = (await refresh(refreshToken)).body)
    }
    assert.equal(expiresAt, endsAt, 'a token outlives no session')
    later(30 * DAY)
    assert.equal((await refresh(refreshToken)).status, 401)
  })

  it('is refused for an account that is closed', async () => {
    const person = await newcomer('leaver')
    const { body } = await signIn({ userName: 'leaver', refresh: true })
    await person.delete('/v1/account', { 'if-match': '"1"' })
    assert.equal((await refresh(body.refreshToken)).status, 401)
  })
})

describe('a session that rests', async () => {
  const { later, house, newcomer, rows } = await openStreet({ SESSION_IDLE_MINUTES: '60' })

  it('ends after the time without use, and not while it is used', async () => {
    const amina = await newcomer('amina')
    for (const minutes of [50, 100, 150]) {
      later(minutes * MINUTE)
      assert.equal((await amina.get('/v1/account')).status, 200)
    }
    later(150 * MINUTE + 3_601)
    assert.equal((await amina.get('/v1/account')).status, 401)
    assert.equal((await amina.get('/v1/sessions')).status, 401)
  })

  it('is noted at most once in five minutes', async () => {
    later(0)
    const person = await newcomer('often')
    const used = async () =>
      (await rows('select last_used_at from platform.session where id = $1', [person.session]))[0]?.last_used_at
    const first = await used()
    later(299)
    assert.equal((await house.cost(() => person.get('/v1/sessions'))).statements, 2)
    assert.deepEqual(await used(), first)
    later(300)
    assert.equal((await house.cost(() => person.get('/v1/sessions'))).statements, 3)
    assert.deepEqual(await used(), new Date('2031-03-01T08:05:00Z'))
    const { lastUsedAt } = (await person.get('/v1/sessions')).body.items[0]
    assert.equal(lastUsedAt, '2031-03-01T08:05:00.000Z')
  })

  it('can be noted by other rooms, and in no other way be written by them', async () => {
    const person = await newcomer('walls')
    const { rows: may } = await house.owner.query(
      `select has_table_privilege('openhcs_registry', 'platform.session', 'update') as update,
              has_function_privilege('openhcs_registry', 'platform.note_use(uuid, timestamptz)', 'execute') as note`,
    )
    assert.deepEqual(may, [{ update: false, note: true }])
    await house.owner.query('select platform.note_use($1, $2)', [person.session, '2031-01-01T00:00:00Z'])
    const [{ last_used_at }] = (await rows('select last_used_at from platform.session where id = $1', [
      person.session,
    ])) as [{ last_used_at: Date }]
    assert.ok(last_used_at.getTime() >= Date.parse('2031-03-01T08:00:00Z'), 'a use does not go back')
  })
})

describe('own sessions', async () => {
  const { newcomer, signIn, house } = await openStreet()
  const amina = await newcomer('amina')
  const another = async () => {
    const { body } = await signIn({ userName: 'amina' })
    return { id: body.id as string, ...house.withToken(body.token) }
  }

  it('PATCH names one, once for each version', async () => {
    const { id } = await another()
    const name = (device: string, version: string) =>
      amina.patch(`/v1/sessions/${id}`, { device }, { 'if-match': version })
    assert.equal((await amina.patch(`/v1/sessions/${id}`, { device: 'x' })).status, 428)
    const both = await Promise.all([name('Kitchen', '"1"'), name('Cellar', '"1"')])
    assert.deepEqual(both.map(({ status }) => status).sort(), [200, 412])
    const { body } = await name('Attic', '"2"')
    assert.deepEqual([body.device, body.version, body.current], ['Attic', 3, false])
    const stranger = await newcomer('stranger')
    assert.equal((await stranger.patch(`/v1/sessions/${id}`, { device: 'x' }, { 'if-match': '"3"' })).status, 404)
    assert.equal((await name('', '"3"')).status, 400)
    assert.equal((await house.anonymous.patch(`/v1/sessions/${id}`, { device: 'x' })).status, 401)
  })

  it('DELETE ends all others, then all, on the next request', async () => {
    const [one, two, stranger] = [await another(), await another(), await newcomer('bystander')]
    assert.equal((await one.delete('/v1/sessions?others=true')).status, 204)
    assert.equal((await two.get('/v1/account')).status, 401)
    assert.equal((await one.get('/v1/account')).status, 200)
    const three = await another()
    assert.equal((await three.delete('/v1/sessions')).status, 204)
    for (const { get } of [one, three]) assert.equal((await get('/v1/account')).status, 401)
    assert.equal((await stranger.get('/v1/account')).status, 200)
    assert.equal((await house.anonymous.delete('/v1/sessions')).status, 401)
  })
})

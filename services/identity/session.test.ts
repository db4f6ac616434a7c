import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { openTestHouse } from '#platform/testing.ts'
import { registry } from '../registry/service.ts'
import { networkOf } from './limit-sign-in.ts'
import { identity } from './service.ts'

const password = 'salt-harbour-lantern'
const phone = '+12025550147'
const from = (address: string) => ({ 'x-forwarded-for': address })

async function openWithAccounts() {
  const house = await openTestHouse([identity, registry], { env: { TRUST_PROXY: '127.0.0.1' } })
  after(() => house[Symbol.asyncDispose]())
  let address = 0
  const someAddress = () => from(`203.0.113.${++address % 250}`)
  const signUp = (body: object) => house.anonymous.post('/v1/accounts', { password, ...body }, someAddress())
  const signIn = (body: object, headers = someAddress()) =>
    house.anonymous.post('/v1/sessions', { password, ...body }, headers)
  const amina = (await signUp({ userName: 'amina', name: 'Amina' })).body.id
  return { house, signUp, signIn, amina }
}

describe('POST /v1/sessions', async () => {
  const { house, signUp, signIn, amina } = await openWithAccounts()

  it('asks the database as much for a name that nobody has as for a wrong password', async () => {
    const cost = async (body: object) => (await house.cost(() => signIn({ password: 'wrong', ...body }))).statements
    assert.equal(await cost({ userName: 'nobody-of-that-name' }), await cost({ userName: 'amina' }))
    await signUp({ phone: '+12025550148', name: 'Somebody' })
    assert.equal(await cost({ phone: '+12025550149' }), await cost({ phone: '+12025550148' }))
  })

  it('gives a token for thirty days; only its hash is stored', async () => {
    const { status, body } = await signIn({ userName: 'AMINA', device: 'Kitchen phone' })
    assert.equal(status, 201)
    assert.match(body.token, /^ohcs_[\w-]{43}$/)
    assert.equal(body.expiresAt, '2031-03-31T08:00:00.000Z')
    assert.deepEqual([body.account.id, body.roles], [amina, []])
    assert.equal((await house.withToken(body.token).get('/v1/account')).status, 200)
    const { rows } = await house.owner.query('select s::text as row from platform.session s')
    assert.ok(rows.every(({ row }) => !row.includes(body.token)))
  })

  it('tells the accounts of one phone number apart by their passwords', async () => {
    const mother = (await signUp({ phone, name: 'Mother' })).body.id
    const child = (await signUp({ phone, name: 'Child', password: 'a password of my own' })).body.id
    assert.equal((await signIn({ phone: '+1 (202) 555-0147' })).body.account.id, mother)
    assert.equal((await signIn({ phone, password: 'a password of my own' })).body.account.id, child)
    assert.equal((await signIn({ phone, password: 'a password of nobody' })).status, 401)
  })

  it('answers a wrong password and an unknown name alike', async () => {
    const answers = await Promise.all([
      signIn({ userName: 'amina', password: 'wrong' }),
      signIn({ userName: 'nobody at all' }),
      signIn({ userName: '%' }),
      signIn({ userName: "' or 1=1 --" }),
      signIn({ phone: '+12025550199' }),
      signIn({ phone, password: 'wrong' }),
    ])
    const shown = answers.map(({ status, body: { traceId: _traceId, ...body } }) => JSON.stringify({ status, body }))
    assert.equal(new Set(shown).size, 1)
    assert.equal(answers[0].status, 401)
    assert.equal(answers[0].body.code, 'login')
  })

  it('takes as long for an unknown name as for a wrong password', async () => {
    const time = async (body: object) => {
      const start = process.hrtime.bigint()
      await signIn({ ...body, password: 'wrong' })
      return Number(process.hrtime.bigint() - start) / 1e6
    }
    const known: number[] = []
    const unknown: number[] = []
    for (let i = 0; i < 9; i++) {
      known.push(await time({ userName: 'amina' }))
      unknown.push(await time({ userName: `nobody${i}` }))
    }
    const ratio = Math.min(...known) / Math.min(...unknown) // what is beside makes it longer, never shorter
    assert.ok(ratio > 0.5 && ratio < 2, `ratio ${ratio}`)
  })

  it('wants one identifier and a password', async () => {
    for (const [body, status] of [
      [{}, 422],
      [{ userName: 'amina', phone }, 422],
      [{ phone: '12' }, 400],
      [{ userName: 'amina', password: 7 }, 400],
      [{ userName: ['amina'] }, 400],
      [{ userName: 'amina', device: 'a\tb' }, 400],
      [{ userName: 'amina', admin: true }, 400],
    ] as const)
      assert.equal((await signIn(body)).status, status, JSON.stringify(body))
    assert.equal((await house.anonymous.post('/v1/sessions')).status, 400)
  })

  it('refuses the right password after ten failures, for a name that exists as for one that does not', async () => {
    const here = from('198.51.100.1')
    for (const userName of ['amina', 'never-was']) {
      for (let i = 0; i < 10; i++) assert.equal((await signIn({ userName, password: 'wrong' }, here)).status, 401)
      const next = await signIn({ userName }, here)
      assert.deepEqual([next.status, next.headers['retry-after']], [429, '900'])
    }
    assert.equal((await signIn({ userName: 'amina' }, from('198.51.100.2'))).status, 201)
  })

  it('counts guesses that come at the same moment', async () => {
    const here = from('198.51.100.3')
    const guesses = Array.from({ length: 25 }, () => signIn({ userName: 'amina', password: 'wrong' }, here))
    const statuses = (await Promise.all(guesses)).map(({ status }) => status)
    assert.equal(statuses.filter((status) => status === 401).length, 10)
    assert.equal(statuses.filter((status) => status === 429).length, 15)
  })

  it('opens again when the failures are a quarter of an hour old', async () => {
    house.setNow('2031-03-01T08:15:01Z')
    assert.equal((await signIn({ userName: 'amina' }, from('198.51.100.1'))).status, 201)
  })

  it('lets nobody lock the owner out: a flood closes new networks, not one signed in from before', async () => {
    for (let i = 0; i < 50; i++)
      await signIn({ userName: 'amina', password: 'wrong' }, from(`192.0.2.${Math.floor(i / 10)}`))
    assert.equal((await signIn({ userName: 'amina' }, from('192.0.2.99'))).status, 429)
    assert.equal((await signIn({ userName: 'amina' }, from('198.51.100.1'))).status, 201)
  })

  it('counts a household’s IPv6 addresses as one', () => {
    assert.equal(networkOf('2001:db8:1:2:3:4:5:6'), networkOf('2001:0db8:1:2::9'.replace('0db8', 'db8')))
    assert.notEqual(networkOf('2001:db8:1:2::1'), networkOf('2001:db8:1:3::1'))
    assert.equal(networkOf('::1'), '0:0:0:0')
    assert.equal(networkOf('::ffff:192.0.2.1'), '192.0.2.1')
  })
})

describe('/v1/sessions', async () => {
  const { house, signUp, signIn } = await openWithAccounts()
  await signUp({ userName: 'other', name: 'Other' })
  const session = async (userName: string) => {
    const { body } = await signIn({ userName, device: `device of ${userName}` })
    return { id: body.id as string, ...house.withToken(body.token) }
  }

  it('lists one’s own, newest first, page by page', async () => {
    const [first, second, stranger] = [await session('amina'), await session('amina'), await session('other')]
    const { status, body, headers } = await second.get('/v1/sessions?limit=1')
    assert.equal(status, 200)
    assert.deepEqual(
      body.items.map(({ id, current }: { id: string; current: boolean }) => [id, current]),
      [[second.id, true]],
    )
    assert.match(String(headers.link), /rel="next"/)
    const next = await second.get(`/v1/sessions?limit=1&cursor=${body.next}`)
    assert.equal(next.body.items[0].id, first.id)
    assert.equal(next.body.next, undefined)
    assert.equal((await stranger.get('/v1/sessions')).body.items.length, 1)
    assert.equal((await house.anonymous.get('/v1/sessions')).status, 401)
    for (const query of ['cursor=abc', 'limit=0', 'limit=101', 'limit=x', 'what=1'])
      assert.equal((await second.get(`/v1/sessions?${query}`)).status, 400, query)
  })

  it('ends one’s own and nobody else’s', async () => {
    const [mine, other, stranger] = [await session('amina'), await session('amina'), await session('other')]
    assert.equal((await mine.delete(`/v1/sessions/${stranger.id}`)).status, 404)
    assert.equal((await mine.delete('/v1/sessions/018f3a5e-7c1b-7d2e-9f30-5a6b7c8d9e0f')).status, 404)
    assert.equal((await mine.delete('/v1/sessions/1')).status, 400)
    assert.equal((await mine.delete(`/v1/sessions/${other.id}`)).status, 204)
    assert.equal((await other.get('/v1/account')).status, 401)
    assert.equal((await mine.delete(`/v1/sessions/${other.id}`)).status, 404)
    assert.equal((await stranger.get('/v1/account')).status, 200)
  })

  it('signs out', async () => {
    const mine = await session('amina')
    assert.equal((await mine.delete('/v1/sessions/current')).status, 204)
    assert.equal((await mine.get('/v1/account')).status, 401)
    assert.equal((await mine.delete('/v1/sessions/current')).status, 401)
  })

  it('ends after thirty days, however much it is used', async () => {
    const mine = await session('amina')
    for (const used of ['2031-03-14T08:00:00Z', '2031-03-27T08:00:00Z', '2031-03-31T07:59:59Z']) {
      house.setNow(used)
      assert.equal((await mine.get('/v1/account')).status, 200, used)
    }
    house.setNow('2031-03-31T08:00:01Z')
    assert.equal((await mine.get('/v1/account')).status, 401)
  })
})

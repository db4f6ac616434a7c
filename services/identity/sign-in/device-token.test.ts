import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { from, openStreet, password } from './testing.ts'

describe('a flood of guesses', async () => {
  const { newcomer, post, signIn } = await openStreet()
  await newcomer('amina')
  const { deviceToken } = (await signIn({ userName: 'amina' })).body
  const flood = async (body: object, networks: number) => {
    for (let i = 0; i < networks * 10; i++)
      await signIn({ ...body, password: 'wrong' }, from(`192.0.2.${Math.floor(i / 10)}`))
  }

  it('closes a name to strangers, and not to a device that its owner signed in from', async () => {
    await flood({ userName: 'amina' }, 5)
    assert.equal((await signIn({ userName: 'amina' })).status, 429)
    assert.equal((await signIn({ userName: 'amina', deviceToken })).status, 201)
  })

  it('gains nothing from an altered token, another account’s, or none of ours', async () => {
    const mallory = (await newcomer('mallory')) && ((await signIn({ userName: 'mallory' })).body.deviceToken as string)
    const altered = `${deviceToken.slice(0, -2)}${deviceToken.endsWith('AA') ? 'BB' : 'AA'}`
    for (const token of [mallory, altered, 'ohcd_x', ''])
      assert.equal((await signIn({ userName: 'amina', deviceToken: token })).status, 429, token)
  })

  it('is counted for a device as well', async () => {
    for (let i = 0; i < 10; i++)
      assert.equal((await signIn({ userName: 'amina', password: 'wrong', deviceToken })).status, 401)
    assert.equal((await signIn({ userName: 'amina', deviceToken })).status, 429)
  })

  it('at one phone number is not helped by an own account under it', async () => {
    const phone = '+12025550147'
    await post('/v1/accounts', { phone, password: 'lantern of the victim', name: 'Victim' })
    await post('/v1/accounts', { phone, password, name: 'Mallory' })
    const here = from('198.51.100.9')
    const own = (await signIn({ phone }, here)).body.deviceToken
    assert.equal((await signIn({ phone, password: 'lantern of the victim', deviceToken: own })).status, 401)
    let guesses = 0
    for (let i = 0; i < 15; i++) {
      const { status } = await signIn({ phone, password: `guess number ${i}` }, here)
      if (status === 401) guesses++
      await signIn({ phone }, here) // right, for the own account
    }
    assert.ok(guesses <= 10, `${guesses} guesses`)
  })

  it('at many names is counted for the network', async () => {
    const statuses: number[] = []
    for (let i = 0; i < 110; i++) {
      const here = from(`2001:db8:1:2::${(i % 10) + 1}`) // ten devices of one household
      statuses.push((await signIn({ userName: `name-${i}`, password: 'one for all' }, here)).status)
    }
    assert.deepEqual([statuses.lastIndexOf(401), statuses.indexOf(429)], [99, 100])
  })
})

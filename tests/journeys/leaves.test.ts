import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { forms, type RunningHouse, startHouse } from '../processes.ts'

const password = 'salt-harbour-lantern'

/** Jobs run in other processes: asks until the answer is as wanted, and fails after a minute. */
async function until<T>(ask: () => Promise<T>, wanted: (answer: T) => boolean): Promise<T> {
  const signal = AbortSignal.timeout(60_000)
  for (;;) {
    const answer = await ask()
    if (wanted(answer)) return answer
    signal.throwIfAborted()
    await new Promise((next) => setTimeout(next, 200))
  }
}

async function someone({ ask }: RunningHouse) {
  await ask('POST', '/v1/accounts', { body: { userName: 'saba', name: 'Saba', password } })
  const { token } = (await ask('POST', '/v1/sessions', { body: { userName: 'saba', password } })).body
  const facts = { name: 'Saba', birthDate: '1987-06-05', gender: 'female', language: 'en', zone: 'UTC' }
  const { id } = (await ask('POST', '/v1/patients', { token, body: facts })).body
  const number = { kind: 'national', country: 'GH', value: 'GHA-718-000-4217' }
  assert.equal((await ask('POST', `/v1/patients/${id}/identifiers`, { token, body: number })).status, 201)
  return token
}

for (const form of forms)
  describe(`somebody leaves, rooms ${form}`, () => {
    it('takes a copy of everything along, has the rest erased, and reads the receipt', async () => {
      await using house = await startHouse(form, { ERASURE_WAIT_DAYS: '0' })
      const { ask } = house
      const token = await someone(house)
      const { id } = (await ask('POST', '/v1/exports', { token, body: {} })).body
      const copy = () => ask('GET', `/v1/exports/${id}`, { token })
      await until(copy, ({ body }) => body.status === 'ready')
      const file = await ask('GET', `/v1/exports/${id}/file`, { token })
      assert.equal(file.headers.get('content-type'), 'application/zip')
      assert.match(file.body, /^PK/)
      const told = () => ask('GET', '/v1/notifications', { token })
      await until(told, ({ body }) => body.items.some(({ title }: { title: string }) => title === 'Your copy is ready'))

      const erasure = (await ask('POST', '/v1/erasures', { token, body: {} })).body
      const receipt = () => ask('POST', `/v1/erasures/${erasure.id}/receipt`, { body: { code: erasure.receiptCode } })
      const { body } = await until(receipt, ({ body }) => body.status === 'done')
      const rooms = new Set(body.receipt.map(({ room }: { room: string }) => room))
      assert.deepEqual([...rooms].sort(), [
        'care_plans',
        'consultations',
        'ground',
        'identity',
        'notifications',
        'records',
        'registry',
        'reports',
        'scheduling',
      ])
      assert.equal((await ask('GET', '/v1/account', { token })).status, 401)
      assert.equal((await ask('POST', '/v1/sessions', { body: { userName: 'saba', password } })).status, 401)
    })
  })

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Client } from '#platform/testing.ts'
import { aPatient, openRegistry } from '../testing.ts'

describe('work at a desk in a copy of everything', async () => {
  const { house, administrator, copyOf } = await openRegistry()
  const root = await administrator()
  const trust = { name: 'Harbour Health Trust', city: 'Port Selam', country: 'GH' }
  const organisation = (await root.post('/v1/organisations', trust)).body.id
  const desk = await house.signedIn({ desk: { organisation, function: 'desk' } })
  const about = async (who: Client) => {
    const text = String((await copyOf(who))['everything.json'])
    return { text, registry: JSON.parse(text).registry as Record<string, Record<string, unknown>[]> }
  }
  const child = (await desk.post(`/v1/organisations/${organisation}/patients`, aPatient)).body.id
  const { code } = (await desk.post(`/v1/patients/${child}/claim-code`)).body
  const claimant = await house.signedIn()
  const { birthDate } = aPatient
  assert.equal((await claimant.post('/v1/claims', { code, birthDate })).status, 200)
  const bare = code.replaceAll('-', '')

  it('is where and as what somebody works, and that they gave codes, not to whom', async () => {
    const { text, registry } = await about(desk)
    assert.deepEqual(
      registry['Work at desks']?.map((row) => [row.organisation, row.function, row.ended_at]),
      [[trust.name, 'desk', null]],
    )
    assert.deepEqual(
      registry['Codes to take a record over']?.map((row) => [row.code, row.for]),
      [['given', 'Patient']],
    )
    assert.ok(!text.includes(code) && !text.includes(bare))
    assert.ok(!JSON.stringify(registry['Codes to take a record over']).includes(child))
  })

  it('is on the other side the code that was received, by its dates', async () => {
    const { text, registry } = await about(claimant)
    const [row] = registry['Codes to take a record over'] ?? []
    assert.deepEqual([row?.code, row?.for], ['received', 'Patient'])
    assert.ok(row?.created_at && row.used_at)
    assert.ok(!text.includes(code) && !text.includes(bare))
    assert.deepEqual(registry['Work at desks'], [])
  })
})

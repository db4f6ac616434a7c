import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { openTestHouse } from '#platform/testing.ts'
import { judge, loadRegistrations } from '../../../tests/judge-duplicates.ts'
import { registeredTwice } from '../../../tests/registered-twice.ts'
import { registry } from '../service.ts'

describe('people of whom a fifth is registered twice, in six scripts', () => {
  it('are found: recall 0.95 at a precision of 0.98, or better', async (t) => {
    await using house = await openTestHouse([registry])
    const list = registeredTwice({ people: 3_000, seed: 4 })
    await loadRegistrations(house.owner, list)
    const { pairs, suspected, recall, precision, wrong, missed } = await judge(house.owner, list)
    const found = `recall ${recall.toFixed(3)}, precision ${precision.toFixed(3)}`
    t.diagnostic(`${list.length} registrations, ${pairs} pairs, ${suspected} suspected: ${found}`)
    assert.ok(recall >= 0.95, `${found}\n${missed.slice(0, 20).join('\n')}`)
    assert.ok(precision >= 0.98, `${found}\n${wrong.slice(0, 20).join('\n')}`)
  })
})

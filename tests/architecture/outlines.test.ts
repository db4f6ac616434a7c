import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { outlines, roomsFor } from '#rooms.ts'
import { everything } from '#services.ts'

describe('what every process knows of a room', () => {
  for (const [n, outline] of outlines.entries())
    it(`is what ${outline.name} is: its operations, what it hears of, and what it does for a person`, () => {
      const room = everything[n]
      assert.deepEqual(
        outline.operations.map(({ id }) => id).toSorted(),
        room?.routes.map(({ operation }) => operation.id).toSorted(),
      )
      assert.deepEqual(
        outline.hears.map(({ name }) => name),
        room?.subscriptions.map(({ event }) => event.name),
      )
      assert.deepEqual(
        outline.people,
        (['aboutPerson', 'erase'] as const).filter((does) => room?.[does]),
      )
    })

  it('is all that is loaded of a room that runs elsewhere', async () => {
    const rooms = await roomsFor({ services: ['records'] })
    assert.deepEqual(
      rooms.flatMap(({ name, mount }) => (mount ? [name] : [])),
      ['records'],
    )
  })
})

import assert from 'node:assert/strict'
import { it } from 'node:test'
import { freePort } from '../processes.ts'

it('a port that was given to one is given to nobody else', async () => {
  const ports = []
  for (let i = 0; i < 600; i++) ports.push(await freePort())
  assert.equal(new Set(ports).size, 600)
})

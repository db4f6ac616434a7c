import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { openTestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { loadDemo } from './load.ts'
import { signIns } from './sign-ins.ts'
import { welcome } from './welcome.ts'

describe('GET /', () => {
  it('says in a demonstration that all is fiction, who can sign in, and how to take it away', async () => {
    await using house = await openTestHouse(everything)
    await loadDemo(house.house.config, { practitioners: 60, people: 100, now: house.house.now() })
    const html = await welcome(house.house)
    assert.match(html, /fictional/)
    for (const { userName } of signIns) assert.ok(html.includes(`<code>${userName}</code>`), userName)
    assert.match(html, /\.\/openhcs demo purge/)
  })

  it('offers no sign-ins where the data are real', async () => {
    await using house = await openTestHouse(everything)
    const html = await welcome(house.house)
    assert.doesNotMatch(html, /fictional\.<|null-island-lantern/)
    for (const { name } of everything) assert.ok(html.includes(`<strong>${name}</strong>`), name)
  })

  it('leads to addresses that are there', async () => {
    await using house = await openTestHouse(everything)
    const html = await welcome(house.house)
    const addresses = [...html.matchAll(/href="(\/[^"]*)"/g)].map(([, address = '']) => address)
    assert.ok(addresses.includes('/fhir/R4/metadata') && addresses.includes('/verify'))
    for (const address of addresses) assert.notEqual((await house.anonymous.get(address)).status, 404, address)
  })

  it('needs no script and no style of its own', async () => {
    await using house = await openTestHouse(everything)
    assert.doesNotMatch(await welcome(house.house), /<script|<style|style=/)
  })
})

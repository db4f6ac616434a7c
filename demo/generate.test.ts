import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, it } from 'node:test'
import { places } from './country.ts'
import { FULL, generate, type Size } from './generate.ts'
import { rowsOf } from './rows.ts'

const specialities = Array.from({ length: 40 }, (_, n) => `speciality-${n}`)
const small = { practitioners: 50, people: 200 }

function hashOf(today: string, size: Size): string {
  const hash = createHash('sha256')
  for (const batch of rowsOf(generate(today, size, specialities), 'certificate')) hash.update(JSON.stringify(batch))
  return hash.digest('hex')
}

describe('the fictional country', () => {
  const country = generate('2031-03-01', FULL, specialities)
  const everybody = [...country.practitioners, ...country.patients, ...country.caregivers]

  it('is the same for the same day, and another one for another day', () => {
    assert.equal(hashOf('2031-03-01', small), hashOf('2031-03-01', small))
    assert.notEqual(hashOf('2031-03-01', small), hashOf('2031-03-02', small))
  })

  it('has 1,000 practitioners over 40 specialities and 25 places, 5,000 patients and 400 caregivers', () => {
    assert.equal(country.practitioners.length, 1_000)
    assert.equal(country.patients.length, 5_000)
    assert.equal(country.caregivers.length, 400)
    assert.equal(places.length, 25)
    assert.equal(new Set(country.practitioners.map(({ home }) => home)).size, 25)
    for (const code of specialities)
      assert.ok(country.practitioners.filter((p) => p.specialities.includes(code)).length >= 20, code)
  })

  it('has verified, pending and expired licences', () => {
    const count = (status: string) => country.practitioners.filter(({ licence }) => licence.status === status).length
    assert.ok(count('verified') > 900 && count('pending') >= 5 && count('expired') >= 5)
    assert.ok(country.practitioners.every(({ licence }) => /^DEMO-\d{5}$/.test(licence.number)))
  })

  it('speaks many languages in four scripts, and mixes directions', () => {
    const names = everybody.map(({ name }) => name)
    for (const script of ['Latin', 'Arabic', 'Ethiopic', 'Han', 'Hangul', 'Hiragana'])
      assert.ok(names.filter((name) => new RegExp(`\\p{Script=${script}}`, 'u').test(name)).length > 10, script)
    assert.ok(names.some((name) => /\p{Script=Arabic}.*[A-Z]{2}/u.test(name)))
    assert.ok(new Set(everybody.map(({ language }) => language)).size >= 9)
  })

  it('can be reached by nobody: reserved numbers and domains, open sea', () => {
    const phones = country.accounts.flatMap(({ phone }) => phone ?? [])
    assert.ok(phones.every((phone) => /^\+1[2-9]\d\d55501\d\d$/.test(phone)))
    assert.equal(new Set(phones).size, phones.length)
    assert.ok(country.accounts.every(({ email }) => email === null || /@null-island\.example$/.test(email)))
    assert.ok(places.every(({ latitude, longitude }) => Math.abs(latitude) < 1 && Math.abs(longitude) < 1))
  })

  it('has an account for most, and a caregiver with the power to book for whoever has none', () => {
    const alone = country.patients.filter(({ account }) => !account)
    assert.ok(alone.length > 100 && alone.length < 400)
    for (const { id } of alone)
      assert.ok(country.mandates.some(({ patient, powers }) => patient.id === id && powers.includes('book')))
  })

  it('has every id and user name once', () => {
    const ids = [country.accounts, everybody, country.mandates, country.schedules, country.visits]
      .flat()
      .map(({ id }) => id)
    assert.equal(new Set(ids).size, ids.length)
    assert.ok(ids.every((id) => /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(id)))
    assert.equal(new Set(country.accounts.map(({ userName }) => userName)).size, country.accounts.length)
  })

  it('has about a fifth of the next fortnight booked, and visits behind it', () => {
    const fortnight = country.day.midnight + 14 * 86_400_000
    const open = country.schedules
      .flatMap(({ shifts, minutes }) =>
        shifts.map(([from, until]) => ({ from, slots: Math.floor((until - from) / 60_000 / minutes) })),
      )
      .filter(({ from }) => from >= country.day.midnight && from < fortnight)
      .reduce((sum, { slots }) => sum + slots, 0)
    const ahead = country.visits.filter(({ start }) => start >= country.day.midnight && start < fortnight)
    assert.ok(Math.abs(ahead.length / open - 0.2) < 0.04, `${ahead.length / open}`)
    for (const status of ['fulfilled', 'noshow', 'cancelled', 'booked'])
      assert.ok(country.visits.filter((visit) => visit.status === status).length > 100, status)
  })
})

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Problem } from '#platform/errors.ts'
import { refusal } from '../testing.ts'
import type { ParseOptions } from './reading.ts'
import { parse, valuesOf } from './testing.ts'

/** A worse world than ours: any reference leads to any of 100 types. */
const everyTypeLeadsToAll: ParseOptions['parameters'] = (_, code) =>
  code === 'nonsense'
    ? undefined
    : { code, type: 'reference', expression: '', targets: Array.from({ length: 100 }, () => 'Task') }

describe('parseQuery: limits', () => {
  it('an address of 8 KB, a form of as much as its receiver says', () => {
    const long = `Patient?name=${'a'.repeat(9_000)}`
    assert.equal(refusal(() => parse(long)).code, 'too-long')
    assert.equal(parse(long, { longest: 10_000 }).criteria.length, 1)
  })

  it('100 criteria', () => {
    const many = (count: number) => `Patient?${Array.from({ length: count }, () => 'name=a').join('&')}`
    assert.equal(parse(many(100)).criteria.length, 100)
    assert.match(refusal(() => parse(many(101))).errors?.[0]?.detail ?? '', /one criterion too many/)
    assert.equal(refusal(() => parse(many(1_000))).code, 'invalid')
  })

  it('150 parameters, known or not, and 50 includes', () => {
    const many = (pair: string, count: number) => `Patient?${Array.from({ length: count }, () => pair).join('&')}`
    assert.equal(parse(many('x=1', 150)).criteria.length, 0)
    assert.equal(refusal(() => parse(many('x=1', 151))).code, 'invalid')
    assert.equal(parse(many('_include=Patient:link', 50)).includes.length, 50)
    assert.match(refusal(() => parse(many('_include=Patient:link', 51))).errors?.[0]?.detail ?? '', /at most 50 times/)
  })

  it('1,000 values', () => {
    const many = (count: number) => `Patient?_id=${Array.from({ length: count }, () => 'a').join(',')}`
    assert.equal(valuesOf(many(1_000)).length, 1_000)
    assert.match(refusal(() => parse(many(1_001))).errors?.[0]?.detail ?? '', /too many values/)
  })

  it('a chain through references that lead to all types ends early', () => {
    const { errors } = refusal(() => parse('Observation?focus.focus.focus.focus.focus._id=x'))
    assert.match(errors?.[0]?.detail ?? '', /one criterion too many/)
    const wider = refusal(() => parse(`Task?${'focus.'.repeat(5)}nonsense=x`, { parameters: everyTypeLeadsToAll }))
    assert.match(wider.errors?.[0]?.detail ?? '', /too many ways/)
  })

  const hostile = [
    'a'.repeat(8_000),
    '\\'.repeat(8_000),
    '|'.repeat(8_000),
    '$'.repeat(8_000),
    '('.repeat(8_000),
    '9'.repeat(8_000),
    '-'.repeat(8_000),
  ]
  const names = [
    'Patient?name',
    'Patient?identifier',
    'Patient?birthdate',
    'RiskAssessment?probability',
    'Observation?value-quantity',
    'Observation?code-value-quantity',
    'Observation?subject',
    'Location?near',
    'Patient?_filter',
    'Patient?_sort',
    'Patient?_elements',
  ]
  it('8,000 of the same character are read or refused', () => {
    for (const name of names)
      for (const text of hostile) {
        try {
          parse(`${name}=${text}`)
        } catch (error) {
          assert.ok(error instanceof Problem, `${name}=${text.slice(0, 1)}…: ${error}`)
        }
      }
  })

  it('a name of 8,000 dots or colons is not followed', () => {
    for (const name of [
      '_has:Observation:patient:'.repeat(300),
      'link.'.repeat(1_600),
      ':'.repeat(8_000),
      '.'.repeat(8_000),
    ])
      assert.ok(
        name.startsWith(':') || name.startsWith('.')
          ? parse(`Patient?${name}=x`)
          : refusal(() => parse(`Patient?${name}x=x`)),
      )
  })
})

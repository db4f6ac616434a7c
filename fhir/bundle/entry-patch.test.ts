import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Problem } from '#platform/errors.ts'
import type { Resource } from '../resource.ts'
import { entryPatch } from './entry-patch.ts'
import { readTransaction } from './read-transaction.ts'

const patched = (resource: object) => {
  const request = { method: 'PATCH', url: 'Patient/a' }
  const get = { request: { method: 'GET', url: 'Patient/b' } }
  const bundle = { resourceType: 'Bundle', type: 'transaction', entry: [get, { resource, request }] }
  const [entry] = readTransaction(bundle, { base: 'https://care.example/fhir/R4' }).entries
  assert.ok(entry)
  const before: Resource = { resourceType: 'Patient', id: 'a', active: true }
  try {
    return entryPatch(entry, before).active
  } catch (error) {
    return error instanceof Problem && `${error.code} ${error.errors?.[0]?.pointer}`
  }
}

const binary = (operations: unknown, rest: object = {}) => ({
  resourceType: 'Binary',
  contentType: 'application/json-patch+json',
  data: Buffer.from(typeof operations === 'string' ? operations : JSON.stringify(operations)).toString('base64'),
  ...rest,
})

const fhirpath = (path: string) => ({
  resourceType: 'Parameters',
  parameter: [
    {
      name: 'operation',
      part: [
        { name: 'type', valueCode: 'replace' },
        { name: 'path', valueString: path },
        { name: 'value', valueBoolean: false },
      ],
    },
  ],
})

describe('PATCH in a Bundle', () => {
  it('is a JSON Patch in a Binary, or a FHIRPath Patch', () => {
    assert.equal(patched(binary([{ op: 'replace', path: '/active', value: false }])), false)
    assert.equal(patched(fhirpath('Patient.active')), false)
  })

  it('says where in the Bundle it is wrong', () => {
    assert.equal(patched(fhirpath('Patient.deceased')), 'business-rule /body/entry/1/resource/parameter/0/part/1')
    assert.equal(patched(binary([{ op: 'remove', path: '/name' }])), 'business-rule /body/entry/1/resource/data')
    assert.equal(patched(binary('{')), 'invalid /body/entry/1/resource/data')
    assert.equal(patched(binary([], { contentType: 'application/json' })), 'invalid /body/entry/1/resource/data')
    assert.equal(patched(binary([], { data: 7 })), 'invalid /body/entry/1/resource/data')
  })
})

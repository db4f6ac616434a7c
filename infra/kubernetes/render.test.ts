import assert from 'node:assert/strict'
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { environments } from './environment.ts'
import { partOf, unreleased } from './files.ts'
import { byHelm, byKustomize, differences, wantedOfChart } from './render.ts'
import { unpackTools } from './tools.ts'

const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8')) as {
  version: string
}
const release = unreleased(version)
const { production } = environments
const tools = unpackTools()

describe('kustomize and Helm', { skip: !tools && 'no kubectl and Helm for this processor' }, () => {
  if (!tools) return
  after(() => tools[Symbol.dispose]())

  it('give the objects that the driver applies', () => {
    for (const part of ['foundation', 'green'] as const) {
      assert.deepEqual(differences(byKustomize(tools, production, part), partOf(production, part, release)), [])
      assert.deepEqual(
        differences(byHelm(tools, production, part, release), wantedOfChart(production, part, release)),
        [],
      )
    }
  })

  it('let through the port of a pooler too', () => {
    const pooled = { ...production, databasePorts: [5_432, 6_432] }
    const rendered = byHelm(tools, pooled, 'foundation', release)
    assert.deepEqual(differences(rendered, wantedOfChart(pooled, 'foundation', release)), [])
  })

  it('give each room its own objects when rooms are apart', () => {
    const apart = { ...production, rooms: 'apart' as const }
    const rendered = byHelm(tools, apart, 'green', release)
    assert.deepEqual(differences(rendered, wantedOfChart(apart, 'green', release)), [])
    assert.ok(rendered.some(({ metadata }) => metadata?.name === 'openhcs-registry-green'))
  })

  it('are seen when they drift', () => {
    const folder = join(tools.folder, 'chart')
    cpSync(join(import.meta.dirname, 'chart'), folder, { recursive: true })
    const file = join(folder, 'templates/grouped.yaml')
    writeFileSync(file, readFileSync(file, 'utf8').replaceAll('periodSeconds: 10', 'periodSeconds: 11'))
    const rendered = byHelm(tools, production, 'green', release, folder)
    assert.deepEqual(differences(rendered, wantedOfChart(production, 'green', release)), [
      'Deployment openhcs openhcs-green is another',
      'Deployment openhcs openhcs-worker-green is another',
    ])
  })

  it('have the volume of uploads where no bucket keeps them, and refuse to have neither', () => {
    const onVolume = { ...production, files: { storageClass: 'shared', size: '1Gi' }, bucketRanges: [] }
    for (const part of ['foundation', 'green'] as const)
      assert.deepEqual(differences(byHelm(tools, onVolume, part, release), wantedOfChart(onVolume, part, release)), [])
    const narrow = { ...production, bucketRanges: ['3.5.136.0/22'] }
    const rendered = byHelm(tools, narrow, 'foundation', release)
    assert.deepEqual(differences(rendered, wantedOfChart(narrow, 'foundation', release)), [])
    const nowhere = { ...production, settings: { PUBLIC_URL: 'https://care.example' } }
    assert.throws(() => byHelm(tools, nowhere, 'green', release), /S3_BUCKET|files/)
  })

  it('refuse values that the chart does not have, and an image without digest', () => {
    const unknown = { ...production, replicas: 3 }
    assert.throws(() => byHelm(tools, unknown, 'green', release), /replicas/)
    assert.throws(() => byHelm(tools, production, 'green', { version, source: 'openhcs:latest' }), /image/)
  })
})

describe('differences', () => {
  const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'a', namespace: 'n' } }

  it('names what is missing, and what is nobody’s', () => {
    const other = { ...service, metadata: { name: 'b', namespace: 'n' } }
    assert.deepEqual(differences([service], [other]), ["Service n a is nobody's", 'Service n b is missing'])
  })
})

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type EnvironmentConfig, environmentConfig } from './config.ts'
import { production } from './production.ts'
import { staging } from './staging.ts'

const complaint = (values: object): string => {
  try {
    environmentConfig(values as EnvironmentConfig)
  } catch (error) {
    return String(error)
  }
  return ''
}

describe('the configuration of an environment', () => {
  it('is right for staging and for production', () => {
    assert.equal(complaint(staging) + complaint(production), '')
    assert.equal(staging.environment, 'staging')
    assert.equal(production.environment, 'production')
  })

  it('names every field that is wrong, at once', () => {
    const { region: _, ...without } = staging
    const text = complaint({
      ...without,
      zones: ['eu-central-1a'],
      logDays: 31,
      nodes: 3,
      domain: { ...staging.domain, zoneId: 'mine' },
      alerts: { ...staging.alerts, email: 'nobody' },
      pipeline: { ...staging.pipeline, circleci: { organization: '…' } },
    })
    for (const field of [
      'region: is missing',
      'zones: ',
      'logDays: must be one of 7, 14',
      'nodes: is not known',
      'domain.zoneId: ',
      'alerts.email: ',
      'pipeline.circleci.organization: ',
      'pipeline.circleci.project: is missing',
    ])
      assert.ok(text.includes(field), `${field} is not in ${text}`)
  })

  const contradictions: [name: string, values: object, complaint: RegExp][] = [
    ['zones of another region', { ...staging, region: 'eu-west-1' }, /zones: must lie in eu-west-1/],
    [
      'a name outside of its zone',
      { ...staging, domain: { ...staging.domain, name: 'a.example.com' } },
      /domain\.name/,
    ],
    [
      'fewer nodes at most than at least',
      { ...staging, cluster: { ...staging.cluster, nodes: { min: 5, max: 4 } } },
      /cluster\.nodes\.max/,
    ],
    [
      "another environment's approval",
      { ...production, pipeline: { ...production.pipeline, github: staging.pipeline.github } },
      /pipeline\.github\.environment: must be production/,
    ],
    ['an ephemeral production', { ...production, ephemeral: true }, /ephemeral: production is not/],
    [
      'a pipeline that changes production by itself',
      { ...production, pipeline: { ...production.pipeline, provisions: true } },
      /pipeline\.provisions/,
    ],
    [
      'a production that leans on one zone',
      { ...production, network: { ...production.network, natPerZone: false } },
      /network\.natPerZone/,
    ],
    [
      'a production with fewer nodes than zones',
      { ...production, cluster: { ...production.cluster, nodes: { min: 2, max: 9 } } },
      /cluster\.nodes\.min/,
    ],
  ]
  for (const [name, values, expected] of contradictions)
    it(`refuses ${name}`, () => {
      assert.match(complaint(values), expected)
    })
})

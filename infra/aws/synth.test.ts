import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import { parse } from 'yaml'
import { everything } from '#services.ts'
import { acknowledged, acknowledgedIn } from './acknowledged.ts'
import { committed, drift, filesOf, inYaml } from './committed.ts'
import { STACKS } from './environment.ts'
import { brokenInvariants } from './invariants.ts'
import { KINDS, readme, readmeWith } from './kinds.ts'
import { production } from './production.ts'
import { type Finding, judge } from './review.ts'
import { staging } from './staging.ts'
import { synthesise } from './synthesise.ts'
import { listAt, resources, type Templates } from './template.ts'

/** What `aws cloudformation deploy` takes from a file; a larger template would need a bucket first. */
const LARGEST_BYTES = 51_200

for (const { database, ...rest } of [staging, production])
  describe(`the templates of ${rest.environment} with a proxy before its database`, () => {
    const config = { ...rest, database: { ...database, proxy: true } }

    it('please the packs, keep the invariants, and let nodes reach the database by it', () => {
      const { templates, findings } = synthesise(config)
      assert.deepEqual(judge(findings, acknowledgedIn(config), config.environment), { open: [], idle: [] })
      assert.deepEqual(brokenInvariants(templates, config), [])
      const [proxy] = resources(templates, 'AWS::RDS::DBProxy')
      assert.equal(listAt(proxy?.properties, 'Auth').length, everything.length)
      const rules = resources(templates, 'AWS::EC2::SecurityGroupIngress').map(
        ({ properties }) => properties.Description,
      )
      assert.ok(rules.includes('Pods to RDS Proxy') && rules.includes('RDS Proxy to PostgreSQL'), rules.join())
      for (const [stack, template] of Object.entries(templates))
        assert.ok(Buffer.byteLength(inYaml(template)) < LARGEST_BYTES, `${stack} is too large to deploy from a file`)
    })
  })

for (const config of [staging, production])
  describe(`the templates of ${config.environment}`, () => {
    let templates: Templates
    let findings: Finding[]
    before(() => {
      ;({ templates, findings } = synthesise(config))
    })

    it('please the CDK, AwsSolutions and HIPAA.Security, but for what is acknowledged with a reason', () => {
      assert.deepEqual(judge(findings, acknowledgedIn(config), config.environment), { open: [], idle: [] })
      assert.ok(findings.length > 50, 'the packs did look')
      for (const source of [/^AwsSolutions-/, /^HIPAA\.Security-/, /^W\d+/])
        assert.ok(
          findings.some(({ rule }) => source.test(rule)),
          `${source} found nothing at all`,
        )
    })

    it('keep the invariants', () => {
      assert.deepEqual(brokenInvariants(templates, config), [])
    })

    it('are what is committed, one file for each stack', () => {
      assert.deepEqual(drift(config, filesOf(config, templates)), [])
      assert.deepEqual(
        [...committed(config.environment).keys()].sort(),
        [...[...STACKS].map((stack) => `${stack}.yaml`).sort((a, b) => a.localeCompare(b)), 'stacks.json'].sort(),
      )
    })

    it('differ from what is committed when something was changed, added or lost', () => {
      const changed = structuredClone(templates)
      const [table] = Object.values(changed.network?.Resources ?? {})
      assert.ok(table?.Properties)
      table.Properties.EnableDnsSupport = false
      assert.deepEqual(drift(config, filesOf(config, changed)), ['network.yaml'])
      const { outside: _, ...fewer } = templates
      assert.deepEqual(drift(config, filesOf(config, fewer)), ['outside.yaml', 'stacks.json'])
    })

    it('read back from YAML as they were made', () => {
      for (const [stack, template] of Object.entries(templates)) {
        const text = committed(config.environment).get(`${stack}.yaml`) ?? ''
        assert.deepEqual(parse(text, { version: '1.1' }), template)
        assert.ok(Buffer.byteLength(text) < LARGEST_BYTES, `${stack} is too large to deploy from a file`)
      }
    })

    it('lean on earlier stacks only, so that they can be deployed in order and deleted in the other', () => {
      const exported = new Set<string>()
      for (const stack of STACKS) {
        const text = JSON.stringify(templates[stack])
        for (const [, name = ''] of text.matchAll(/"Fn::ImportValue":"([^"]+)"/g))
          assert.ok(exported.has(name), `${stack} needs ${name} before it is there`)
        for (const { Export } of Object.values(templates[stack]?.Outputs ?? {})) if (Export) exported.add(Export.Name)
      }
    })

    it('say of every alarm which page helps, and the page is there', () => {
      const alarms = resources(templates, 'AWS::CloudWatch::CompositeAlarm')
      assert.ok(alarms.length >= 12)
      for (const { where, properties } of alarms) {
        const page = /docs\/runbooks\/([a-z-]+)\.md$/.exec(String(properties.AlarmDescription))
        assert.ok(page?.[1] && String(properties.AlarmName).includes(page[1]), where)
        assert.ok(existsSync(join(import.meta.dirname, '../..', page[0])), page[0])
      }
    })

    it('are protected from deletion in production, and only there', () => {
      const list = JSON.parse(committed(config.environment).get('stacks.json') ?? '')
      assert.equal(list.terminationProtection, config === production)
      assert.deepEqual(
        list.stacks.map(({ name }: { name: string }) => name),
        STACKS.map((stack) => `openhcs-${config.environment}-${stack}`),
      )
    })

    if (config === production)
      it('make every kind of resource that the project promises, as infra/README.md shows', () => {
        assert.equal(readmeWith(templates), readme())
        const there = new Set(
          Object.values(templates)
            .flatMap(({ Resources }) => Object.values(Resources))
            .map((r) => r.Type),
        )
        for (const { kind, types, file } of KINDS) {
          for (const type of types) assert.ok(there.has(type), `${kind}: no ${type}`)
          for (const name of file.split(', ').filter((part) => part !== '…'))
            assert.ok(existsSync(join(import.meta.dirname, name)), name)
        }
        const named = KINDS.map(({ kind }) => kind).join('\n')
        for (const word of PROMISED) assert.ok(named.includes(word), word)
      })
  })

describe('a database of its own for the job engine', () => {
  it('is as well kept as the other, in both environments, and watched', () => {
    for (const config of [staging, production]) {
      const { templates, findings } = synthesise({ ...config, jobsDatabase: { instanceType: 'r7g.large', readers: 1 } })
      const { open } = judge(findings, acknowledged, config.environment)
      const alike = ({ rule, where }: Finding) => rule !== undefined && /DatabaseOfJobs/.test(where)
      assert.deepEqual(config === production ? open : open.filter((one) => !alike(one)), [])
      if (config === staging)
        // What is acknowledged of its database: it may be deleted with everything in it.
        assert.deepEqual(open.map(({ rule }) => rule).sort(), [
          'AwsSolutions-RDS10',
          'HIPAA.Security-RDSInstanceDeletionProtectionEnabled',
        ])
      assert.deepEqual(brokenInvariants(templates, config), [])
      const clusters = resources(templates, 'AWS::RDS::DBCluster').map(
        ({ properties }) => properties.DBClusterIdentifier,
      )
      assert.deepEqual(clusters, [`openhcs-${config.environment}`, `openhcs-${config.environment}-jobs`])
      assert.match(JSON.stringify(templates.monitoring), new RegExp(`"openhcs-${config.environment}-jobs"`))
      if (config === production)
        assert.equal(
          JSON.stringify(resources(templates, 'AWS::Backup::BackupSelection')).match(/DBClusterArn/g)?.length,
          2,
        )
    }
  })
})

/** As infra/README.md names them. */
const PROMISED = [
  'EKS',
  'VPC',
  'subnets',
  'elastic load balancers',
  'RDS',
  'EC2 security groups',
  'EC2 nodes',
  'NAT',
  'route tables',
  'IAM roles',
  'IAM policies',
  'CloudWatch',
  'DNS route rules',
  'internet gateways',
  'elastic IPs',
]

describe('acknowledging a finding', () => {
  const finding = { rule: 'AwsSolutions-IAM5[Resource::arn:x/*]', where: 'ground/DeployPolicy/Resource', message: '' }
  const entry = (line: string, only?: 'staging') => [{ reason: 'because', findings: [line], ...(only && { only }) }]

  it('takes this rule at this place, and nothing beside it', () => {
    const line = 'AwsSolutions-IAM5[Resource::…/*] ground/DeployPolicy/Resource'
    assert.deepEqual(judge([finding], entry(line), 'staging'), { open: [], idle: [] })
    for (const other of [
      { ...finding, where: 'ground/OtherPolicy/Resource' },
      { ...finding, where: 'ground/DeployPolicy/Resource/more' },
      { ...finding, rule: 'AwsSolutions-IAM5[Action::s3:*]' },
      { ...finding, rule: `x${finding.rule}` },
    ])
      assert.deepEqual(judge([other], entry(line), 'staging'), { open: [other], idle: [line] })
  })

  it('holds for its environment only', () => {
    const line = `${finding.rule} ${finding.where}`
    assert.deepEqual(judge([finding], entry(line, 'staging'), 'staging'), { open: [], idle: [] })
    assert.deepEqual(judge([finding], entry(line, 'staging'), 'production'), { open: [finding], idle: [] })
  })

  it('always has a reason', () => {
    for (const { reason } of acknowledged) assert.ok(reason.length > 30, reason)
  })
})

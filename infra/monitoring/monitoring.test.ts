import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { parse } from 'yaml'
import { openTestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { alerts } from './alerts.ts'
import { speeds } from './burn.ts'
import { dashboards, queriesOf } from './dashboards.ts'
import { metricsIn, syntaxError } from './promql.ts'
import { ruleTests, stories } from './rule-tests.ts'
import { alertRules, rulesAt, runbookOf } from './rules.ts'
import { inKubernetes } from './scrape.ts'
import { slos } from './slos.ts'
import { faster } from './time.ts'

const root = join(import.meta.dirname, '../..')
const read = (path: string) => readFileSync(join(root, path), 'utf8')
const rules = rulesAt()
const recorded = rules.groups.flatMap((group) => group.rules.flatMap((rule) => ('record' in rule ? [rule.record] : [])))
const expressions = [
  ...rules.groups.flatMap((group) => group.rules.map(({ expr }) => expr)),
  ...Object.values(dashboards).flatMap((dashboard) => queriesOf(dashboard).map(({ expr }) => expr)),
]
const runbooks = alertRules(rules).map(({ alert }) => runbookOf(alert))
/** What stands between backticks in a page. */
const snippets = (path: string) => [...read(path).matchAll(/`([^`]+)`/g)].map(([, text = '']) => text)

describe('what Prometheus is asked', () => {
  it('parses, and a slip would not', () => {
    for (const expr of expressions) assert.equal(syntaxError(expr), undefined, expr)
    assert.match(syntaxError('sum(rate(x[5m])') ?? '', /^at/)
    assert.match(syntaxError('rate(x[5 apples])') ?? '', /^at/)
  })

  it('names only metrics that the house has', async () => {
    const env = { DATABASE_READER_URL: 'postgresql://nobody@127.0.0.1:1/none' } // what it counts is there although it is not
    await using house = await openTestHouse(everything, { env })
    await house.anonymous.post('/v1/sessions', { userName: 'nobody', password: 'wrong' })
    const all = await house.house.telemetry.registry.getMetricsAsJSON()
    const known = new Set([
      ...all.flatMap(({ name, type }) =>
        String(type) === 'histogram' ? [`${name}_count`, `${name}_bucket`, `${name}_sum`] : [name],
      ),
      ...recorded,
      'up',
    ])
    const used = [...new Set(expressions.flatMap(metricsIn))]
    assert.ok(used.length > 20, 'there is something to look at')
    assert.deepEqual(
      used.filter((name) => !known.has(name)),
      [],
    )
  })

  it('names only operations, rooms, events and bounds that there are', async () => {
    const operations = everything.flatMap(({ routes }) => routes.map(({ operation }) => operation.id))
    const events: string[] = everything.flatMap((room) => room.events.map(({ name }) => name))
    const rooms = everything.map(({ name }) => name)
    const valuesOf = (label: string) =>
      expressions.flatMap((expr) =>
        [...expr.matchAll(new RegExp(`\\b${label}=~?"([^"]+)"`, 'g'))].flatMap(([, value = '']) => value.split('|')),
      )
    for (const [label, known] of [
      ['operation', operations],
      ['event', events],
      ['room', rooms],
    ] as const)
      assert.deepEqual(
        valuesOf(label).filter((value) => !known.includes(value)),
        [],
        label,
      )
    await using house = await openTestHouse(everything)
    const { registry } = house.house.telemetry
    for (const metric of ['openhcs_http_request_seconds', 'openhcs_job_seconds']) {
      const bounds = (registry.getSingleMetric(metric) as unknown as { upperBounds: number[] }).upperBounds.map(String)
      const used = expressions.flatMap((expr) =>
        [...expr.matchAll(new RegExp(`${metric}_bucket\\{[^}]*\\ble="([^"]+)"`, 'g'))].map(([, bound = '']) => bound),
      )
      assert.ok(used.length > 0)
      assert.deepEqual(
        used.filter((bound) => !bounds.includes(bound)),
        [],
        metric,
      )
    }
  })
})

describe('every alert', () => {
  it('has a runbook that says what people notice, where to look, what to do, and when it is over', () => {
    for (const path of new Set(runbooks))
      assert.deepEqual(
        [...read(path).matchAll(/^## (.*)$/gm)].map(([, heading]) => heading).slice(0, 4),
        ['What people notice', 'How to see it', 'What to do', 'How to know it is over'],
        path,
      )
    assert.throws(() => read(runbookOf('NobodyWroteThis')))
  })

  it('names that runbook, and a severity that somebody receives', () => {
    const { receivers } = parse(read('infra/monitoring/generated/alertmanager.yaml')) as {
      receivers: { name: string }[]
    }
    for (const { alert, labels, annotations } of alertRules(rules)) {
      assert.equal(annotations.runbook, runbookOf(alert))
      assert.ok(receivers.some(({ name }) => name === labels.severity))
    }
  })

  it('has a test in which it fires, and one in which it is quiet', () => {
    const tests = (['1m', '15m'] as const).flatMap((step) => ruleTests('rules.yaml', step).tests)
    const expected = tests.flatMap((test) => test.alert_rule_test)
    for (const { alert, labels } of alertRules(rules)) {
      const of = expected.filter(({ alertname }) => alertname === alert)
      const burn = (fired: (typeof of)[number]) =>
        fired.exp_alerts.some(({ exp_labels }) => exp_labels.burn === labels.burn)
      assert.ok(of.some(burn), `${alert} ${labels.burn ?? ''} fires nowhere`)
      assert.ok(!of.every(burn), `${alert} ${labels.burn ?? ''} is quiet nowhere`)
    }
    assert.equal(new Set(alerts.map(({ name }) => name)).size, alerts.length)
  })
})

describe('how fast a budget may burn', () => {
  it('is watched at 14.4, 6 and 1 times, each with a story in which it is the fastest', () => {
    assert.deepEqual(
      speeds.map(({ factor, long, short }) => [factor, long, short]),
      [
        [14.4, '1h', '5m'],
        [6, '6h', '30m'],
        [1, '3d', '6h'],
      ],
    )
    for (const { burn } of speeds)
      assert.ok(
        stories.some(({ burns }) => burns[0] === burn),
        burn,
      )
    assert.deepEqual(
      slos.map(({ journey }) => journey),
      ['find', 'book', 'sign-in', 'notify'],
    )
  })

  it('is the same in a rehearsal, with time drawn together', () => {
    const quick = JSON.stringify(rulesAt(faster(60)))
    assert.match(quick, /\[5000ms\]/)
    assert.doesNotMatch(quick, /\[\d+[mhdw]\]/)
    assert.equal(quick.match(/> 0\.072/g)?.length, JSON.stringify(rules).match(/> 0\.072/g)?.length)
  })
})

describe('runbooks', () => {
  const all = globSync('docs/runbooks/*.md', { cwd: root }).filter((path) => runbooks.includes(path))

  it('ask Prometheus in words that it understands', () => {
    const asked = all.flatMap(snippets).filter((text) => /^(sum|increase|openhcs_|up\{)/.test(text))
    assert.ok(asked.length > 10)
    for (const expr of asked) assert.equal(syntaxError(expr), undefined, expr)
  })

  it('ask the database in words that it understands', async () => {
    await using house = await openTestHouse(everything)
    const asked = all
      .flatMap(snippets)
      .filter((text) => /^select .* from /.test(text) && !/pg_stat_statements/.test(text))
    assert.ok(asked.length > 10)
    for (const text of asked) {
      const statement = text.replaceAll('<ids>', '1')
      await assert.doesNotReject(house.owner.query(`explain ${statement}`), statement)
    }
  })
})

describe('the targets in a cluster', () => {
  it('are told from others by the labels that pods have', () => {
    const [{ relabel_configs: relabel }] = inKubernetes.scrape_configs as unknown as [{ relabel_configs: object[] }]
    const text = JSON.stringify(relabel)
    for (const label of ['app_kubernetes_io_name', 'app_kubernetes_io_component', 'openhcs_org_colour'])
      assert.match(text, new RegExp(`__meta_kubernetes_pod_label_${label}"`))
  })
})

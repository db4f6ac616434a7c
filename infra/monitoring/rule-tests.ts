import { type Alert, alerts } from './alerts.ts'
import { burnName, type Speed } from './burn.ts'
import { type AlertRule, alertRules, burnRules, rulesAt } from './rules.ts'
import { type Slo, slos } from './slos.ts'

// promtool's tests of the rules: each alert fires when it must, and is quiet when it must be.

interface Expected {
  exp_labels: Record<string, string>
  exp_annotations: Record<string, string>
}

interface RuleTest {
  name: string
  interval: string
  input_series: { series: string; values: string }[]
  alert_rule_test: { eval_time: string; alertname: string; exp_alerts: Expected[] }[]
}

/** What happens to a journey: so many events a minute, of which a share is bad, for some minutes and then for some more. */
interface Story {
  name: string
  perMinute: number
  phases: { bad: (budget: number) => number; minutes: number }[]
  /** Which alerts there are at the end. */
  burns: Speed['burn'][]
}

export const stories: readonly Story[] = [
  { name: 'fails often', perMinute: 1_000, phases: [phase(() => 0.2, 20)], burns: ['fast', 'steady', 'slow'] },
  { name: 'fails somewhat', perMinute: 1_000, phases: [phase((budget) => 10 * budget, 60)], burns: ['steady', 'slow'] },
  { name: 'fails a little', perMinute: 1_000, phases: [phase((budget) => 2 * budget, 60)], burns: ['slow'] },
  { name: 'is as promised', perMinute: 1_000, phases: [phase((budget) => budget / 2, 60)], burns: [] },
  { name: 'has recovered', perMinute: 1_000, phases: [phase(() => 0.2, 60), phase(() => 0, 40)], burns: ['slow'] },
  { name: 'fails wholly', perMinute: 1_000, phases: [phase(() => 1, 10)], burns: ['fast', 'steady', 'slow'] },
  { name: 'has failed three times of ten, at night', perMinute: 0.5, phases: [phase(() => 0.3, 20)], burns: [] },
]

function phase(bad: (budget: number) => number, minutes: number) {
  return { bad, minutes }
}

function storyTest(slo: Slo, { name, perMinute, phases, burns }: Story): RuleTest {
  const minutes = phases.reduce((sum, one) => sum + one.minutes, 0)
  let at = 0
  const good = phases.map(({ bad, minutes }) => {
    const step = Number((perMinute * (1 - bad(1 - slo.objective))).toPrecision(9))
    const values = `${at}+${step}x${minutes}`
    at = Number((at + step * (minutes + 1)).toPrecision(12))
    return values
  })
  const expected = burnRules.filter(
    ({ labels }) => labels.journey === slo.journey && burns.includes(labels.burn as never),
  )
  return {
    name: `${slo.journey} ${name}`,
    interval: '1m',
    input_series: [
      { series: seriesOf(slo.total), values: `0+${perMinute}x${minutes + phases.length - 1}` },
      { series: seriesOf(slo.good), values: good.join(' ') },
    ],
    alert_rule_test: [
      { eval_time: `${minutes}m`, alertname: burnName(slo), exp_alerts: expected.map((rule) => whole(rule)) },
    ],
  }
}

/** One series that a selector finds: of alternatives the first, and another value where one is excluded. */
const seriesOf = (selector: string) => selector.replace(/=~"([^|"]*)[^"]*"/g, '="$1"').replace(/!="[^"]*"/g, '="ok"')

const whole = ({ alert: _alert, labels, annotations }: AlertRule, more: Record<string, string> = {}): Expected => ({
  exp_labels: { ...labels, ...more },
  exp_annotations: annotations,
})

function causeTests({ name, fires, quiet }: Alert): RuleTest[] {
  const rule = alertRules(rulesAt()).find(({ alert }) => alert === name) as AlertRule
  const test = (what: string, { step = '1m', series, at }: Alert['quiet'], expected: Expected[]): RuleTest => ({
    name: `${name} ${what}`,
    interval: step,
    input_series: Object.entries(series).map(([one, values]) => ({ series: one, values })),
    alert_rule_test: [{ eval_time: at, alertname: name, exp_alerts: expected }],
  })
  return [test('fires', fires, [whole(rule, fires.labels)]), test('is quiet', quiet, [])]
}

/** As promtool reads it; a file has one step for all its tests. */
export const ruleTests = (ruleFile: string, step: '1m' | '15m') => ({
  rule_files: [ruleFile],
  evaluation_interval: step,
  tests: [
    ...slos.flatMap((slo) => stories.map((story) => storyTest(slo, story))),
    ...alerts.flatMap((alert) => causeTests(alert)),
  ].filter(({ interval }) => interval === step),
})

import { type Alert, alerts, type Severity } from './alerts.ts'
import { burnExpr, burnName, burns, type Rule, recordings } from './burn.ts'
import { slos } from './slos.ts'
import { realTime, type Time } from './time.ts'

export interface AlertRule {
  alert: string
  expr: string
  for?: string
  labels: Record<string, string> & { severity: Severity }
  annotations: Record<string, string>
}

export interface Rules {
  groups: { name: string; interval?: string; rules: (Rule | AlertRule)[] }[]
}

/** `FindBudgetBurn` → docs/runbooks/find-budget-burn.md */
export const runbookOf = (alert: string) =>
  `docs/runbooks/${alert.replace(/(?!^)[A-Z]/g, (letter) => `-${letter}`).toLowerCase()}.md`

const annotate = (name: string, summary: string) => ({ summary, runbook: runbookOf(name) })

export const burnRules: readonly AlertRule[] = burns.map(({ slo, speed }) => ({
  alert: burnName(slo),
  expr: burnExpr(slo, speed),
  labels: { severity: speed.severity, journey: slo.journey, burn: speed.burn },
  annotations: annotate(burnName(slo), `Not kept at present: ${slo.promise}.`),
}))

const causeRule = ({ name, severity, expr, for: lasting, summary }: Alert, time: Time): AlertRule => ({
  alert: name,
  expr: expr(time),
  ...(lasting !== '0s' && { for: time.of(lasting) }),
  labels: { severity },
  annotations: annotate(name, summary),
})

/** Everything that Prometheus is to compute and to watch, from the one list of promises. */
export function rulesAt(time: Time = realTime): Rules {
  const interval = time.of('30s')
  return {
    groups: [
      { name: 'openhcs-journeys', interval, rules: slos.flatMap((slo) => recordings(slo, time)) },
      { name: 'openhcs-budgets', interval, rules: [...burnRules] },
      { name: 'openhcs-causes', interval, rules: alerts.map((alert) => causeRule(alert, time)) },
    ],
  }
}

export const alertRules = (rules: Rules): AlertRule[] =>
  rules.groups.flatMap((group) => group.rules.filter((rule): rule is AlertRule => 'alert' in rule))

import { parser } from '@prometheus-io/lezer-promql'

/** Grafana's own words, as it fills them in before Prometheus sees them. */
export const filledIn = (expr: string, range = '1m') => expr.replaceAll('$__rate_interval', range)

/** Where Prometheus's grammar stumbles over an expression; undefined where it does not. */
export function syntaxError(expr: string): string | undefined {
  const text = filledIn(expr)
  let at: number | undefined
  parser.parse(text).iterate({
    enter({ type, from }) {
      if (type.isError) at ??= from
    },
  })
  return at === undefined ? undefined : `at ${at}: ${text.slice(at, at + 40)}`
}

/** Names of the metrics that an expression reads. */
export function metricsIn(expr: string): string[] {
  const text = filledIn(expr)
  const names = new Set<string>()
  parser.parse(text).iterate({
    enter({ name, from, to, node }) {
      if (name === 'Identifier' && node.parent?.name === 'VectorSelector') names.add(text.slice(from, to))
    },
  })
  return [...names]
}

import { realTime, type Time } from './time.ts'

interface Scrape {
  /** Where the processes are found: Prometheus's own words for it. */
  targets: object
  rules: string
  alertmanagers: readonly string[]
  /** Of the bearer token, METRICS_TOKEN; without one only the same machine may ask. */
  tokenFile?: string
  time?: Time
}

export const prometheusConfig = ({ targets, rules, alertmanagers, tokenFile, time = realTime }: Scrape) => ({
  global: { scrape_interval: time.of('15s'), evaluation_interval: time.of('15s'), scrape_timeout: time.of('10s') },
  rule_files: [rules],
  alerting: { alertmanagers: [{ static_configs: [{ targets: [...alertmanagers] }] }] },
  scrape_configs: [
    {
      job_name: 'openhcs',
      ...(tokenFile && { authorization: { type: 'Bearer', credentials_file: tokenFile } }),
      ...targets,
    },
  ],
})

const MOUNTED = '/etc/prometheus'

/** One machine: everything beside everything. */
export const onOneMachine = prometheusConfig({
  targets: { static_configs: [{ targets: ['localhost:8080'] }] },
  rules: `${MOUNTED}/rules.yaml`,
  alertmanagers: ['localhost:9093'],
})

const label = (name: string) => `__meta_kubernetes_pod_label_${name.replace(/[^\w]/g, '_')}`
const keep = (source: string, regex: string) => ({ action: 'keep', source_labels: [source], regex })
const copy = (source: string, target: string) => ({ source_labels: [source], target_label: target })

/** Every pod of ours that serves or works, whatever colour it has; those that migrate have no port. */
export const inKubernetes = prometheusConfig({
  targets: {
    kubernetes_sd_configs: [{ role: 'pod', namespaces: { names: ['openhcs'] } }],
    relabel_configs: [
      keep(label('app.kubernetes.io/name'), 'openhcs'),
      keep('__meta_kubernetes_pod_container_port_number', '8080'),
      keep('__meta_kubernetes_pod_phase', 'Running'),
      copy(label('app.kubernetes.io/component'), 'component'),
      copy(label('openhcs.org/colour'), 'colour'),
      copy('__meta_kubernetes_pod_name', 'pod'),
    ],
  },
  rules: `${MOUNTED}/rules.yaml`,
  alertmanagers: ['alertmanager:9093'],
  tokenFile: `${MOUNTED}/secrets/metrics-token`,
})

import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { run } from '#infra/image/run.ts'
import { ruleTests } from './rule-tests.ts'
import { type AlertRule, alertRules, rulesAt } from './rules.ts'
import { inKubernetes } from './scrape.ts'

const generated = join(import.meta.dirname, 'generated')

/** What promtool says of the committed files: they can be read, and each alert fires and is quiet where its tests want it. */
export async function checkRules(): Promise<string> {
  run('promtool', ['check', 'rules', join(generated, 'rules.yaml')])
  run('promtool', ['check', 'config', '--syntax-only', join(generated, 'prometheus.yaml')])
  await inTemporary(async (folder) => {
    // Debian's build knows nothing of Kubernetes: everything else of that file is checked with other targets.
    const [{ kubernetes_sd_configs: _, ...rest }] = inKubernetes.scrape_configs as unknown as [Record<string, unknown>]
    const file = join(folder, 'prometheus.yaml')
    writeFileSync(file, stringify({ ...inKubernetes, scrape_configs: [rest] }))
    run('promtool', ['check', 'config', '--syntax-only', file])
  })
  const files = ['rules-test.yaml', 'rules-long-test.yaml'].map((name) => join(generated, name))
  run('promtool', ['test', 'rules', ...files])
  const count = files.reduce((sum, file) => sum + readFileSync(file, 'utf8').split('alertname: ').length - 1, 0)
  return `${alertRules(rulesAt()).length} alerts, ${count} tests of them`
}

/** Tests that no rule could fail prove nothing: with alerts that never come, and that always come, each alert's tests must complain. */
export async function checkTests(): Promise<void> {
  const exprs = ['vector(0) > 1', 'vector(1)']
  const complaints = await Promise.all(exprs.map(complaintAbout))
  for (const [n, expr] of exprs.entries()) {
    const complaint = complaints[n] ?? ''
    const silent = alertRules(rulesAt()).filter(({ alert }) => !complaint.includes(`alertname: ${alert},`))
    if (silent.length > 0)
      throw new Error(
        `With \`${expr}\` for every alert, no test complains of ${silent.map(({ alert }) => alert).join()}`,
      )
  }
}

const complaintAbout = (expr: string) => inTemporary((folder) => complaintIn(folder, expr))

/** promtool takes half a minute for them, on one core. */
async function complaintIn(folder: string, expr: string): Promise<string> {
  const rules = rulesAt()
  const planted = {
    groups: rules.groups.map((group) => ({
      ...group,
      rules: group.rules.map((rule) => ('alert' in rule ? ({ ...rule, expr, for: '0s' } as AlertRule) : rule)),
    })),
  }
  writeFileSync(join(folder, 'rules.yaml'), stringify(planted))
  for (const step of ['1m', '15m'] as const)
    writeFileSync(join(folder, `${step}.yaml`), stringify(ruleTests('rules.yaml', step)))
  const files = [join(folder, '1m.yaml'), join(folder, '15m.yaml')]
  return new Promise((said) => {
    execFile('promtool', ['test', 'rules', ...files], { maxBuffer: 2 ** 26 }, (_failed, out, err) => said(out + err))
  })
}

/** Whom each alert goes to, as Alertmanager itself says; and that it can tell a wrong answer. */
export function checkRoutes(): string {
  const config = join(generated, 'alertmanager.yaml')
  run('amtool', ['check-config', config])
  const rules = alertRules(rulesAt())
  const test = (receiver: string, { alert, labels }: AlertRule) =>
    run('amtool', [
      ...['config', 'routes', 'test', `--config.file=${config}`, `--verify.receivers=${receiver}`],
      ...Object.entries({ alertname: alert, ...labels }).map(([name, value]) => `${name}=${value}`),
    ])
  for (const rule of rules) test(rule.labels.severity, rule)
  const [first] = rules
  let refused = false
  try {
    test('business', first as AlertRule)
  } catch {
    refused = true
  }
  if (!refused) throw new Error('amtool agrees with a wrong receiver')
  return `${rules.length} alerts go to whom they should`
}

async function inTemporary<R>(work: (folder: string) => Promise<R>): Promise<R> {
  const folder = mkdtempSync(join(tmpdir(), 'openhcs-alerts-'))
  try {
    return await work(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

import { parseArgs } from 'node:util'
import { bad, type Finding } from '#platform/doctor/finding.ts'
import { examine } from '#platform/doctor.ts'
import { everything } from '#services.ts'
import { type Installation, openInstallation } from './installation.ts'

/** Exit code 1 when something is bad. */
export async function doctor(args: string[]): Promise<void> {
  const { values } = parseArgs({ args, options: { json: { type: 'boolean', default: false } } })
  const findings = await look()
  process.stdout.write(values.json ? `${JSON.stringify(findings, undefined, 2)}\n` : `${tableOf(findings)}\n`)
  if (findings.some(({ verdict }) => verdict === 'bad')) process.exitCode = 1
}

async function look(): Promise<Finding[]> {
  let opened: Installation
  try {
    opened = await openInstallation()
  } catch (error) {
    return [bad('start', (error as Error).message, 'docs/configuration.md lists every setting.')]
  }
  await using installation = opened
  return await examine({ config: installation.config, services: everything })
}

const MARKS: Record<Finding['verdict'], string> = { good: '✔', look: '?', bad: '✖' }

export function tableOf(findings: readonly Finding[]): string {
  const width = Math.max(...findings.map(({ check }) => check.length))
  const lines = findings.flatMap(({ check, verdict, says, advice }) => [
    `${MARKS[verdict]} ${check.padEnd(width)}  ${says}`,
    ...(advice ? [`  ${''.padEnd(width)}  → ${advice}`] : []),
  ])
  const count = (verdict: Finding['verdict']) => findings.filter((one) => one.verdict === verdict).length
  return [...lines, `${count('good')} good, ${count('look')} to look at by day, ${count('bad')} bad`].join('\n')
}

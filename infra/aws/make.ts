import { acknowledgedIn } from './acknowledged.ts'
import { drift, filesOf, write } from './committed.ts'
import type { EnvironmentConfig } from './config.ts'
import { brokenInvariants, invariantNames } from './invariants.ts'
import { readme, readmeWith, writeReadme } from './kinds.ts'
import { production } from './production.ts'
import { judge } from './review.ts'
import { staging } from './staging.ts'
import { synthesise } from './synthesise.ts'

// `make synth`: the templates of both environments, made without AWS, looked at by four kinds of checks, and compared with
// those in the repository; `make synth WRITE=1` puts them there.

const say = (line: string) => process.stdout.write(`${line}\n`)

function check(config: EnvironmentConfig): string[] {
  const { templates, findings } = synthesise(config)
  const { open, idle } = judge(findings, acknowledgedIn(config), config.environment)
  const files = filesOf(config, templates)
  const page = config === production ? readmeWith(templates) : readme()
  if (process.argv.includes('--write')) {
    write(config, files)
    writeReadme(page)
  }
  const number = Object.values(templates).flatMap(({ Resources }) => Object.keys(Resources)).length
  say(
    `${config.environment}: ${Object.keys(templates).length} stacks, ${number} resources; ${findings.length} findings, of which ${findings.length - open.length} are acknowledged; ${invariantNames.length} invariants`,
  )
  return [
    ...open.map(({ rule, where, message }) => `${rule} ${where}: ${message}`),
    ...idle.map((line) => `acknowledged, and not found any more: ${line}`),
    ...brokenInvariants(templates, config),
    ...(page === readme() ? [] : ['infra/README.md: make synth WRITE=1 changes it']),
    ...drift(config, files).map((name) => `templates/${config.environment}/${name}: make synth WRITE=1 changes it`),
  ].map((problem) => `${config.environment}: ${problem}`)
}

const problems = [staging, production].flatMap(check)
if (problems.length > 0) throw new Error(`\n${problems.join('\n')}`)
say('validated, clean by AwsSolutions and HIPAA.Security, and as committed')

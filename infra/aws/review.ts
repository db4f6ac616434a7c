import { basename } from 'node:path'
import {
  type App,
  CloudFormationValidatePlugin,
  type IPolicyValidationContext,
  type IPolicyValidationPlugin,
  type PolicyViolatingResource,
  Validations,
} from 'aws-cdk-lib'
import { AwsSolutionsChecks, HIPAASecurityChecks } from 'cdk-nag'
import type { Acknowledgement } from './acknowledged.ts'

/** Something that a check does not like. Warnings count as much as errors. */
export interface Finding {
  rule: string
  /** Path of the construct, or `<stack>/<logical id>`. */
  where: string
  message: string
}

/** Writes the stacks' templates, and looks at them with the CDK's own validation and with two packs of cdk-nag. */
export function review(app: App): Finding[] {
  const plugins = [new CloudFormationValidatePlugin(), new AwsSolutionsChecks(app), new HIPAASecurityChecks(app)]
  const findings: Finding[] = []
  Validations.of(app).addPlugins(...plugins.map((plugin) => collect(plugin as IPolicyValidationPlugin, findings)))
  const { stacks } = app.synth()
  const annotations = stacks.flatMap(({ messages }) => messages)
  findings.push(
    ...annotations
      .filter(({ level }) => String(level) !== 'info')
      .map(({ id, entry }) => ({ rule: 'annotation', where: id.slice(1), message: String(entry.data) })),
  )
  return findings
}

/** Handed over to us instead of to the CDK, which knows no acknowledgement that has become needless. */
function collect(plugin: IPolicyValidationPlugin, findings: Finding[]): IPolicyValidationPlugin {
  return {
    name: plugin.name,
    validate(context: IPolicyValidationContext) {
      for (const { ruleName, description, violatingResources } of plugin.validate(context).violations)
        for (const resource of violatingResources)
          findings.push({ rule: ruleName, where: placeOf(resource), message: description })
      return { success: true, violations: [] }
    },
  }
}

const placeOf = ({ constructPath, resourceLogicalId, templatePath }: PolicyViolatingResource): string =>
  constructPath ?? [basename(templatePath ?? '', '.template.json'), resourceLogicalId].filter(Boolean).join('/')

/** What is left when the acknowledged is taken away, and the acknowledgements that took nothing. */
export function judge(
  findings: Finding[],
  acknowledged: Acknowledgement[],
  environment: string,
): { open: Finding[]; idle: string[] } {
  const lines = acknowledged
    .filter(({ only }) => !only || only === environment)
    .flatMap((each) => each.findings.map((line) => ({ line, pattern: patternOf(line), taken: 0 })))
  const open = findings.filter((finding) => {
    const match = lines.filter(({ pattern }) => pattern.test(`${finding.rule} ${finding.where}`))
    for (const each of match) each.taken++
    return match.length === 0
  })
  return { open, idle: lines.filter(({ taken }) => taken === 0).map(({ line }) => line) }
}

/** An ellipsis stands for anything but a space, so that it cannot reach from the rule into the place. */
function patternOf(line: string): RegExp {
  const literal = (part: string) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
  return new RegExp(`^${line.split('…').map(literal).join('\\S*')}$`)
}

import type { EnvironmentConfig } from '../config.ts'
import { type Found, resources, type Templates } from '../template.ts'

/** What holds of every environment, whatever is changed. Broken, it names the resource and what is wrong with it. */
export interface Invariant {
  name: string
  problems(templates: Templates, config: EnvironmentConfig): string[]
}

/** A rule that each resource of some types keeps by itself; there must be at least one of them. */
export function each(
  name: string,
  types: string[],
  rule: (found: Found, config: EnvironmentConfig) => (string | false)[],
): Invariant {
  return {
    name,
    problems(templates, config) {
      const all = resources(templates, ...types)
      if (all.length === 0) return [`${name}: there is no ${types.join(' or ')}`]
      return all.flatMap((found) =>
        rule(found, config)
          .filter((problem) => problem !== false)
          .map((problem) => `${found.where}: ${problem}`),
      )
    },
  }
}

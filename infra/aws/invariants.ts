import type { EnvironmentConfig } from './config.ts'
import { accessInvariants } from './invariants/access.ts'
import { clusterInvariants } from './invariants/cluster.ts'
import { dataInvariants } from './invariants/data.ts'
import { networkInvariants } from './invariants/network.ts'
import { trafficInvariants } from './invariants/traffic.ts'
import type { Templates } from './template.ts'

const invariants = [
  ...networkInvariants,
  ...dataInvariants,
  ...trafficInvariants,
  ...accessInvariants,
  ...clusterInvariants,
]

export const invariantNames: string[] = invariants.map(({ name }) => name)

/** What is broken, in words; each begins with the name of what it is about. */
export const brokenInvariants = (templates: Templates, config: EnvironmentConfig): string[] =>
  invariants.flatMap(({ name, problems }) => problems(templates, config).map((problem) => `${problem} (${name})`))

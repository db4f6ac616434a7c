import type { EventSpec, OperationSpec } from './operation.ts'
import type { AnyService } from './service.ts'

/**
 * What every process knows of a room, wherever that runs: data, and what writes for a FHIR face, wherever that is. A process loads the code of the rooms that it serves, and of others this.
 */
export interface Outline
  extends Pick<
    AnyService,
    'name' | 'purpose' | 'resources' | 'events' | 'planOnce' | 'mountedAt' | 'keeper' | 'fhir' | 'migrations'
  > {
  operations: readonly OperationSpec[]
  /** Events it is told of. */
  hears: readonly EventSpec[]
  /** What it does for one person: see people.ts. */
  people: readonly ('aboutPerson' | 'erase')[]
}

/** Of modules of a contract all that is an operation. */
export const operationsIn = (...modules: readonly object[]): OperationSpec[] =>
  modules.flatMap((module) => Object.values(module)).filter(isOperation)

const isOperation = (one: unknown): one is OperationSpec =>
  typeof one === 'object' && one !== null && ['id', 'method', 'url', 'access'].every((name) => name in one)

/** The room, where it runs in another process: it is known, and nothing of it is done here. */
export function elsewhere({ operations, hears, people, ...outline }: Outline): AnyService {
  const handler = async () => {
    throw new Error(`The room ${outline.name} is in another process`)
  }
  return {
    ...outline,
    routes: operations.map((operation) => ({ operation, handler })),
    subscriptions: hears.map((event) => ({ event, handle: handler })),
    jobs: [],
    ...Object.fromEntries(people.map((does) => [does, handler])),
  }
}

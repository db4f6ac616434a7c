import type { Around } from './invariant.ts'
import { list, type Members } from './members.ts'

/** As in an OperationOutcome (hl7.org/fhir/R4/operationoutcome.html); what is wrong, never what was sent. */
export interface Issue {
  severity: 'error' | 'warning' | 'information'
  /** Of hl7.org/fhir/R4/valueset-issue-type.html. */
  code: IssueCode
  /** FHIRPath of the place: one. */
  expression: string[]
  diagnostics: string
}

export type IssueCode = 'structure' | 'required' | 'value' | 'code-invalid' | 'invariant' | 'too-long' | 'not-supported'

/** Levels of objects within each other. */
export const DEEPEST = 100

/** Where a validation stands, and what it has found. One for each, and never kept. */
export class Trail implements Around {
  readonly issues: Issue[] = []
  readonly most: number
  /** Address of the service base. */
  readonly base: string | undefined
  isContained = false
  #resource: object = {}
  #contained: ReadonlyMap<unknown, unknown> | undefined
  #bundle: object = {}
  #entries: ReadonlyMap<unknown, unknown> | undefined
  #depth = 0
  readonly #names: string[] = []
  readonly #indexes: number[] = []

  constructor(most: number, base?: string) {
    this.most = most
    this.base = base
  }

  /** The resource that references of the form `#id` look into: that around contained ones, or of an entry of a Bundle. */
  get resource(): object {
    return this.#resource
  }

  set resource(resource: object) {
    if (resource === this.#resource) return
    this.#resource = resource
    this.#contained = undefined
  }

  /** That which entries refer to each other in, by their `fullUrl`. */
  get bundle(): object {
    return this.#bundle
  }

  set bundle(bundle: object) {
    if (bundle === this.#bundle) return
    this.#bundle = bundle
    this.#entries = undefined
  }

  hasContained(id: string): boolean {
    return this.#typesOfContained().has(id)
  }

  typeOfContained(id: string): unknown {
    return this.#typesOfContained().get(id)
  }

  /** Looked through once for each resource, however many references it has. */
  #typesOfContained(): ReadonlyMap<unknown, unknown> {
    const { contained } = this.#resource as { contained?: unknown }
    this.#contained ??= new Map(list(contained).map((one) => [one?.id, one?.resourceType]))
    return this.#contained
  }

  typeOfEntry(fullUrl: string): unknown {
    const { entry } = this.#bundle as { entry?: unknown }
    this.#entries ??= new Map(
      list(entry).map((one) => [one?.fullUrl, (one?.resource as Members | undefined)?.resourceType]),
    )
    return this.#entries.get(fullUrl)
  }

  /** False where it is too deep; then there is nothing to leave. */
  enter(name: string, index: number): boolean {
    if (this.#depth >= DEEPEST) {
      this.found('too-long', 'This is nested too deeply.', name, index)
      return false
    }
    this.#names[this.#depth] = name
    this.#indexes[this.#depth] = index
    this.#depth++
    return true
  }

  leave(): void {
    this.#depth--
  }

  get isFull(): boolean {
    return this.issues.length >= this.most
  }

  /** `name`: of the element within the one that was entered; -1 for one that is no member of a list. */
  found(code: IssueCode, diagnostics: string, name = '', index = -1): void {
    if (this.isFull) return
    let path = ''
    for (let at = 0; at < this.#depth; at++) path = joined(path, this.#names[at] ?? '', this.#indexes[at] ?? -1)
    if (name) path = joined(path, name, index)
    this.issues.push({ severity: 'error', code, expression: path ? [path] : [], diagnostics })
  }
}

function joined(path: string, name: string, index: number): string {
  const place = index < 0 ? name : `${name}[${index}]`
  return path ? `${path}.${place}` : place
}

import { isObject } from './json-object.ts'
import { typeReferredTo } from './reference.ts'

/** Where a search parameter looks, and what it finds there: an expression resolved against the definitions of R4 (scripts/search-expression.ts). */
export interface Place {
  path: readonly Step[]
  /** FHIR's name of what stands there; Age, Duration and the like as `Quantity`. */
  type: string
  /** Of a code: the code system that its binding leaves it no choice about. */
  system?: string
}

export type Step =
  /** Each of an element, by its name in JSON: `valueQuantity`. */
  | string
  /** `where(system='email')` */
  | { where: string; is: string }
  /** `where(resolve() is Patient)`, said by the reference itself: nothing is fetched. */
  | { refersTo: string }
  /** `entry[0]` */
  | { element: string; at: number }
  /** `deceased.exists() and deceased != false` */
  | { truth: readonly string[] }

type Visit = (value: unknown) => void
/** Calls back with everything that is found below a value, in its order. */
export type Finder = (from: unknown, visit: Visit) => void

/** As long as the path, however deep the resource. */
export function finderOf(path: readonly Step[]): Finder {
  let finder: Finder = (from, visit) => visit(from)
  for (const step of path.toReversed()) finder = stepThen(step, finder)
  return finder
}

function stepThen(step: Step, next: Finder): Finder {
  if (typeof step === 'string') return elementThen(step, next)
  if ('where' in step)
    return (from, visit) => {
      if (isObject(from) && from[step.where] === step.is) next(from, visit)
    }
  if ('refersTo' in step)
    return (from, visit) => {
      if (typeReferredTo(from) === step.refersTo) next(from, visit)
    }
  if ('at' in step)
    return (from, visit) => {
      const list = isObject(from) ? from[step.element] : undefined
      if (Array.isArray(list) && list.length > step.at) next(list[step.at], visit)
    }
  return (from, visit) => next(isObject(from) && step.truth.some((name) => isTrueOrThere(from[name])), visit)
}

const isTrueOrThere = (value: unknown) => value !== undefined && value !== null && value !== false

function elementThen(name: string, next: Finder): Finder {
  return (from, visit) => {
    if (!isObject(from)) return
    const child = from[name]
    if (child === undefined || child === null) return
    if (!Array.isArray(child)) next(child, visit)
    else for (const one of child) next(one, visit)
  }
}

import type { Colour, Release } from '#infra/release/platform.ts'

export const COLOUR = 'openhcs.org/colour'
/** On pods of rooms apart: any of them may be asked for anything, so that one Service stands before all of a colour. */
export const ANSWERS = { 'openhcs.org/answers': 'people' }

/** Never in a selector with its version: a Deployment cannot change what it selects by. */
export interface Labels {
  [name: string]: string
}

export const selectorOf = (component: string, colour?: Colour): Labels => ({
  'app.kubernetes.io/name': 'openhcs',
  'app.kubernetes.io/component': component,
  ...(colour && { [COLOUR]: colour }),
})

export const labelsOf = (component: string, { version }: Release, colour?: Colour): Labels => ({
  ...selectorOf(component, colour),
  'app.kubernetes.io/part-of': 'openhcs',
  'app.kubernetes.io/version': version,
})

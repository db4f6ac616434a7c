import { Problem } from '#platform/errors.ts'
import type { OutputOf } from '#platform/operation.ts'
import type * as contract from '../contract.ts'

export type Taken = OutputOf<typeof contract.takeResources>['items'][number]

/** What is wrong, in words without any of what was said. */
export function faultOf(error: unknown): string {
  if (!(error instanceof Problem)) throw error
  const fields = (error.errors ?? []).map(({ pointer, detail }) => `${pointer.split('/').at(-1)} ${detail}`)
  return `It cannot be registered: ${fields.join('; ') || error.message}`
}

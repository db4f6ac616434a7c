import type { Context } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'

/** What of a request matters beside its input. */
export interface Asked {
  prefer: string | string[] | undefined
}

const MOST = 100

export const baseOf = ({ config }: Pick<Context, 'config'>) => `${config.PUBLIC_URL}/fhir/R4`

/** A client may ask for more, and gets less. */
export const countOf = ({ _count = 20 }: { _count?: number }) => Math.min(_count, MOST)

export const noResource = () => new Problem('not-found', 'There is no such resource, or you may not see it.')

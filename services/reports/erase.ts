import type { Context } from '#platform/context.ts'
import type { Person, Trace } from '#platform/person.ts'
import { erase as eraseLinks } from './sharing/people.ts'
import type { ReportsTables } from './tables.ts'

export const erase = async (ctx: Context<ReportsTables>, { patient }: Person): Promise<Trace[]> =>
  patient === undefined ? [] : [await eraseLinks(ctx, patient)]

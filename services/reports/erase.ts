import type { Context } from '#platform/context.ts'
import type { Person, Trace } from '#platform/person.ts'
import { countReports } from './documents/read-report.ts'
import { erase as eraseLinks } from './sharing/people.ts'
import type { ReportsTables } from './tables.ts'

/** What was signed stays as it was signed, and says so: without the name it would be what nobody has signed. */
export async function erase(ctx: Context<ReportsTables>, { patient }: Person): Promise<Trace[]> {
  if (patient === undefined) return []
  const count = await countReports(ctx, patient)
  const kept: Trace = {
    what: 'signed reports, with the name, the birth date and what else of the person stands in them',
    outcome: 'kept',
    count,
    why: 'Records of treatment are kept for as long as the law on them says, and a signature stands over all that was signed.',
  }
  return [await eraseLinks(ctx, patient), ...(count > 0 ? [kept] : [])]
}

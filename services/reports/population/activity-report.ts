import type { Kysely } from 'kysely'
import type { Static } from 'typebox'
import { type Activity, activityOf } from '#fhir/store/activity.ts'
import { audit } from '#platform/audit.ts'
import { accountOf } from '#platform/auth.ts'
import type { Context } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { shownCount } from '#platform/small-cells.ts'
import { transact } from '#platform/transaction.ts'
import { readOrganisation } from '../../registry/contract/organisations.ts'
import { type ActivityReport, ages, type readActivityReport, sexes } from '../contract/population.ts'
import type { ReportsTables } from '../tables.ts'
import { manages } from './queries.ts'
import { suppressed } from './suppress.ts'

type Ctx = Context<ReportsTables>
type Query = Static<typeof readActivityReport.query>
export type Report = Static<typeof ActivityReport>

/** Nothing in it is about one person. */
export async function activityReport(
  ctx: Ctx,
  organisation: string,
  { month }: Query,
): Promise<{ report: Report; name: string }> {
  const period = { organisation, from: beginOf(month, 0), until: beginOf(month, 1) }
  if (period.until > ctx.now())
    throw new Problem('business-rule', 'Ask for a month that is over, in UTC.', {
      errors: [{ pointer: '/query/month', detail: 'is not over: what was done since would be told by asking again' }],
    })
  if (!ctx.actor.roles.includes('administrator') && !(await manages(ctx.db, accountOf(ctx), organisation)))
    throw new Problem('not-found', 'There is no such organisation, or its report is not yours to read.')
  const { name } = await ctx.call(readOrganisation, { params: { id: organisation } }).catch((error: unknown) => {
    throw error instanceof Problem && error.code === 'not-found'
      ? new Problem('not-found', 'There is no such organisation, or its report is not yours to read.')
      : error
  })
  const activity = await ctx.database.apart((db) => activityOf(db as Kysely<unknown>, period))
  await transact(ctx, async (ctx) =>
    audit(ctx, { action: 'R', entity: `Organisation/${organisation}`, reason: 'activity report' }),
  )
  return { report: { organisation, month, ...shown(activity) }, name }
}

const beginOf = (month: string, later: number): Date =>
  new Date(Date.UTC(Number(month.slice(0, 4)), Number(month.slice(5)) - 1 + later))

/** What is hidden is hidden of the exact counts; that the others are then rounded is for who asks again after something was recorded late. */
export function shown({ consultations, groups, problems }: Activity): Omit<Report, 'organisation' | 'month'> {
  const countOf = (age: string, sex: string) => groups.find((one) => one.age === age && one.sex === sex)?.patients ?? 0
  const table = suppressed(ages.map((age) => sexes.map((sex) => countOf(age, sex))))
  return {
    ...told('consultations', consultations),
    ...told('patients', table.total),
    ages: ages.map((age, r) => ({ age, ...told('patients', table.rows[r]) })),
    sexes: sexes.map((sex, c) => ({ sex, ...told('patients', table.columns[c]) })),
    groups: ages.flatMap((age, r) => sexes.map((sex, c) => ({ age, sex, ...told('patients', table.cells[r]?.[c]) }))),
    problems: problems.flatMap((one) => {
      const patients = shownCount(one.patients)
      return patients ? [{ ...one, patients }] : []
    }),
  }
}

function told<N extends string>(name: N, count: number | undefined): { [name in N]?: number } {
  const rounded = count === undefined ? undefined : shownCount(count)
  return (rounded === undefined ? {} : { [name]: rounded }) as { [name in N]?: number }
}

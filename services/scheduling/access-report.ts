import type { Static } from 'typebox'
import { audit } from '#platform/audit.ts'
import { practising } from '#platform/auth.ts'
import type { Context } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { shownCount } from '#platform/small-cells.ts'
import { transact } from '#platform/transaction.ts'
import { readPatientFacts } from '../registry/contract.ts'
import type { AccessReport, readAccessReport as contract } from './contract/access-report.ts'
import { type CellRow, type PatientFacts, patientsIn, type ReportScope, reportCells } from './queries/access-report.ts'
import type { SchedulingTables } from './tables.ts'

type Ctx = Context<SchedulingTables>
type Query = Static<typeof contract.query>
type Report = Static<typeof AccessReport>

const MONTHS = 12
/** What registry is asked about in one request, and altogether. */
const AT_ONCE = 2_000
const MOST = 20_000

/** Nothing in it is about one person. */
export async function accessReport(ctx: Ctx, query: Query): Promise<Report> {
  const scope = scopeOf(ctx, query)
  const patients = await patientsIn(ctx.db, scope, MOST + 1)
  if (patients.length > MOST)
    throw new Problem('business-rule', `These are more than ${MOST} patients. Ask for fewer months, or for less.`)
  const facts: PatientFacts[] = []
  for (let i = 0; i < patients.length; i += AT_ONCE) {
    const at = `${query.until}-01`
    facts.push(...(await ctx.call(readPatientFacts, { body: { patients: patients.slice(i, i + AT_ONCE), at } })).items)
  }
  return transact(ctx, async (ctx) => {
    const rows = await reportCells(ctx.db, scope, facts)
    const { practitioner, place } = scope
    audit(ctx, {
      action: 'R',
      ...(practitioner ? { entity: `Practitioner/${practitioner}` } : { entity: `Place/${place}` }),
      reason: 'access report',
    })
    const of = (dimension: string) => shown(rows.filter((row) => row.dimension === dimension))
    const [{ value: _, ...total } = {}] = of('total')
    return {
      ...{ from: query.from, until: query.until, total },
      ...{ channel: of('channel'), age: of('age'), gender: of('gender'), place: of('place'), patient: of('patient') },
    }
  })
}

/** Administrators name whose; practitioners see their own. */
function scopeOf(ctx: Ctx, { practitioner, place, speciality, from, until }: Query): ReportScope {
  const [first, last] = [monthOf(from), monthOf(until)]
  if (last < first || last - first >= MONTHS)
    throw new Problem('business-rule', `From one to ${MONTHS} months, the first of them first.`)
  const whose = ctx.actor.roles.includes('administrator') ? practitioner : own(ctx, practitioner)
  if ((whose ?? place) === undefined) throw new Problem('business-rule', 'Name a practitioner or a place.')
  return {
    ...{ practitioner: whose ?? null, place: place ?? null, speciality: speciality ?? null },
    ...{ from: beginOf(first), until: beginOf(last + 1) },
  }
}

function own(ctx: Ctx, named: string | undefined): string {
  const self = practising(ctx)
  if (self === undefined || (named !== undefined && named !== self))
    throw new Problem('not-found', 'There is no such practitioner, or the report is not yours to read.')
  return self
}

const monthOf = (text: string): number => Number(text.slice(0, 4)) * 12 + Number(text.slice(5)) - 1
const beginOf = (month: number): Date => new Date(Date.UTC(Math.floor(month / 12), month % 12))

const tenth = (days: number): number => Math.round(days * 10) / 10

function shown(rows: readonly CellRow[]) {
  return rows.map(({ value, median, p90, ...row }) => {
    const [visits, refused, offered] = [row.visits, row.refused, row.offered].map(shownCount)
    return {
      value,
      ...(visits !== undefined && { visits }),
      ...(refused !== undefined && { refused }),
      ...(offered !== undefined && { offered }),
      ...(visits && median !== null && p90 !== null && { waitDays: { median: tenth(median), p90: tenth(p90) } }),
    }
  })
}

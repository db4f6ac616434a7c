import { summaryTypes } from '#fhir/documents/sections.ts'
import { summarise } from '#fhir/documents/summarise.ts'
import { faceOf } from '#fhir/face.ts'
import { namesIn } from '#fhir/indexing/part-references.ts'
import type { Resource } from '#fhir/resource.ts'
import { categoriesOf, concernsIn } from '#fhir/store/concerns.ts'
import type { Context, TransactionContext } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import type { Language } from '#platform/language.ts'
import { givenAway } from '../documents/given-away.ts'
import { isAbout, isInError, read, wholeReport } from '../documents/read-report.ts'
import { CARD_MEDIA_TYPE, cardFile } from '../health-cards/card.ts'
import { encryptFile, type SharedType } from '../health-cards/link-files.ts'
import type { ReportsTables } from '../tables.ts'
import { issue, typesOf } from './issue-cards.ts'
import { lockReport } from './queries.ts'

type Ctx = Context<ReportsTables>

export interface Content {
  what: 'summary' | 'immunizations' | 'report'
  report: string | undefined
}

interface Shared {
  contentType: SharedType
  shared: object
  /** What of it is sensitive. */
  categories: string[]
  /** What it is a copy of. */
  holds: string[]
}

/** What readers hold, too (../health-cards/link-files.ts). */
const MOST_BYTES = 10_000_000

/** As whoever asks sees it now, for whoever has the key. */
export async function encryptedContent(
  ctx: Ctx,
  patient: string,
  of: Content,
  { language, key }: { language: Language; key: string },
): Promise<Omit<Shared, 'shared'> & { content: string }> {
  const { contentType, shared, ...about } = await contentOf(ctx, patient, of, language)
  if (JSON.stringify(shared).length > MOST_BYTES)
    throw new Problem('too-long', 'This is more than a link can share. Share a report of less.')
  return { contentType, content: await encryptFile(key, contentType, shared), ...about }
}

async function contentOf(ctx: Ctx, patient: string, { what, report }: Content, language: Language): Promise<Shared> {
  if (what === 'immunizations') return vaccinations(ctx, patient)
  const { base } = faceOf(ctx.config)
  if (report !== undefined) return reportOf(ctx, { patient, report, base })
  const any = ctx as unknown as Context<unknown>
  return asDocument(await summarise(any, { base, patient, language, types: summaryTypes }), base)
}

const asDocument = (document: Resource, base: string): Shared => ({
  contentType: 'application/fhir+json',
  shared: document,
  categories: concernsIn(document, base).categories,
  holds: namesIn(document, base),
})

async function vaccinations(ctx: Ctx, patient: string): Promise<Shared> {
  const { cards } = await issue(ctx, { patient, types: typesOf('immunizations') })
  if (cards.length === 0)
    throw new Problem('business-rule', 'No vaccination is recorded that a card can say, so there is none to share.', {
      errors: [{ pointer: '/body/what', detail: 'is of nothing' }],
    })
  const sensitive = new Set(cards.flatMap(({ held }) => held.flatMap(categoriesOf)))
  return {
    contentType: CARD_MEDIA_TYPE,
    shared: cardFile(cards.map(({ jws }) => jws)),
    categories: sensitive.size > 0 ? [...sensitive] : ['general'],
    holds: cards.flatMap(({ held }) => held.map(({ resourceType, id }) => `${resourceType}/${id}`)),
  }
}

const notToShare = () =>
  new Problem('business-rule', 'This report was an error, or is not what was signed. Share another one.', {
    errors: [{ pointer: '/body/report', detail: 'is not to be relied on' }],
  })

/** Until the transaction ends nobody says that it was an error. */
export async function expectStands(ctx: TransactionContext<ReportsTables>, report: string): Promise<void> {
  await lockReport(ctx.db, report)
  if (isInError(await wholeReport(ctx, report))) throw notToShare()
}

/** As it was signed: what is not, or was an error, is nothing to show to others. */
async function reportOf(
  ctx: Ctx,
  { patient, report, base }: { patient: string; report: string; base: string },
): Promise<Shared> {
  const whole = await read(ctx, report)
  const { document, facts, signature } = whole
  if (!(await isAbout(ctx, report, patient)))
    throw new Problem('not-found', 'There is no such report of this patient, or you may not see it.')
  if (!signature.verified || isInError(whole)) throw notToShare()
  return { ...asDocument(document, base), shared: givenAway(document, facts.kind), holds: [`Bundle/${report}`] }
}

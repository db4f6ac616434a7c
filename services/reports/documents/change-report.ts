import type { Part } from '#fhir/documents/document.ts'
import type { Resource } from '#fhir/resource.ts'
import type { Kept } from '#fhir/rooms/read.ts'
import type { Context, TransactionContext } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { transact } from '#platform/transaction.ts'
import { endSharing } from '../sharing/people.ts'
import type { ReportsTables } from '../tables.ts'
import { isOwn } from './codes.ts'
import { type Content, labelsOf, reportOf } from './composing.ts'
import { contentOf, gatherFor, type Of } from './contents.ts'
import { type Facts, factsOf, type Made, type Said } from './facts.ts'
import { currentReport, keep } from './kept.ts'
import { around, checkShape, signerOf } from './make-report.ts'
import { isInError, read, shown, type Whole, wholeReport } from './read-report.ts'

// Nothing is overwritten: each change is another version, signed anew, and those before it stay.

interface Change {
  version: number
  reason: string
}

/** Of the record or the note as it is now, or of what is given. */
export async function amend<T>(
  ctx: Context<T>,
  id: string,
  { version, reason, ...said }: Change & Said,
): Promise<Made> {
  const practitioner = signerOf(ctx)
  const { facts, document } = await standing(ctx, id)
  checkShape(facts.kind, said, false)
  const of: Of = { ...facts, practitioner, labels: labelsOf(document), said, amended: id }
  const gathered = await gatherFor(ctx, of)
  return changing(ctx, id, version, async (ctx, before) => {
    const content = await contentOf(ctx, of, gathered)
    if (content.patient && content.patient.id !== facts.patient) throw ofAnother()
    const made = { ...(await around(ctx, of)), id, version: version + 1, reason, replaces: nameOf(before), content }
    await keep(ctx, reportOf({ ...made, status: 'amended' }), { version })
  })
}

/** Were the merge undone, what was written of both would stay with one of them. */
const ofAnother = () =>
  new Problem('business-rule', 'This is a summary of one who stands by another patient by now: make another one.')

/** The same once more, as what it is: an error, which no link shares any more. */
export async function enterInError(
  ctx: Context<ReportsTables>,
  id: string,
  { version, reason }: Change,
): Promise<Made> {
  const practitioner = signerOf(ctx)
  const { facts } = await standing(ctx, id)
  return changing(ctx, id, version, async (ctx, before) => {
    const people = await around(ctx, { ...facts, practitioner })
    const made = { ...people, id, version: version + 1, reason, replaces: nameOf(before) }
    await keep(ctx, reportOf({ ...made, status: 'entered-in-error', content: repeated(before) }), { version })
    await endSharing(ctx, id)
  })
}

/** Whether whoever asks treats the patient is asked when it is written. */
async function standing<T>(ctx: Context<T>, id: string): Promise<Whole> {
  const whole = await read(ctx, id)
  if (isInError(whole)) throw new Problem('business-rule', 'This report was entered in error: make another one.')
  return whole
}

type Write<T> = (ctx: TransactionContext<T>, before: Kept) => Promise<void>

/** Of two who change it at the same time the second is told what has become of it, whichever of both is noticed first: the version, or the row. */
async function changing<T>(ctx: Context<T>, id: string, version: number, write: Write<T>): Promise<Made> {
  try {
    return await transact(ctx, async (ctx) => {
      const before = await currentReport(ctx, id)
      if (Number(before.meta.versionId) !== version) throw new Problem('lock-error', 'The report has changed.')
      await write(ctx, before)
      return shown(await wholeReport(ctx, id))
    })
  } catch (error) {
    if (!(error instanceof Problem) || error.code !== 'lock-error') throw error
    const { versions } = await read(ctx, id)
    const changed = versions.filter((one) => one.version > version)
    throw new Problem('lock-error', 'The report has changed since you read it. Read it again.', {
      details: { version: versions.length, changed },
    })
  }
}

const entriesOf = ({ entry }: Resource) => entry as [Part, ...Part[]]
const nameOf = ({ identifier }: Resource): string => (identifier as { value: string }).value

function repeated(before: Kept): Content {
  const { title, sections, consultation: encounter, madeFrom }: Facts = factsOf(before)
  const [composition, ...parts] = entriesOf(before)
  const { meta, text, author, custodian, event, confidentiality } = composition.resource as Resource & {
    author: { reference: string }[]
  }
  return {
    ...{ title, encounter, madeFrom, parts, authors: author.slice(1), profile: before.meta?.profile?.[0] },
    sections: sections.filter(({ code }) => !code?.coding.some(isOwn('amendment'))),
    more: there({ meta, text, custodian, event, confidentiality }),
    labels: labelsOf(before),
    patient: parts.find(({ resource }) => resource.resourceType === 'Patient')?.resource,
  }
}

const there = (members: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined))

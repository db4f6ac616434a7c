import type { Static } from 'typebox'
import { findOf, findWithin, type Kept, readWithin } from '#fhir/rooms/read.ts'
import { expectSees } from '#fhir/rooms/relationship.ts'
import type { Context, TransactionContext } from '#platform/context.ts'
import { transact } from '#platform/transaction.ts'
import type { listReports } from '../contract.ts'
import { type Kind, OWN, REASON } from './codes.ts'
import { type Facts, factsOf, type Made, type Status } from './facts.ts'
import { currentReport, referencesOf, reportIn, type Verified, verified, withdrawnIn } from './kept.ts'

/** A version of a report, with all that there is to be said of it now. */
export interface Whole {
  document: Kept
  facts: Facts
  versions: Made['versions']
  signature: Verified
  newerNote: Made['newerNote']
  withdrawnAt: string | undefined
}

export const isInError = ({ versions, withdrawnAt }: Pick<Whole, 'versions' | 'withdrawnAt'>): boolean =>
  withdrawnAt !== undefined || versions.at(-1)?.status === 'entered-in-error'

export const read = <T>(ctx: Context<T>, id: string, version?: number): Promise<Whole> =>
  transact({ ...ctx, once: undefined }, (ctx) => wholeReport(ctx, id, version))

export async function wholeReport<T>(ctx: TransactionContext<T>, id: string, version?: number): Promise<Whole> {
  const current = await currentReport(ctx, id)
  const last = Number(current.meta.versionId)
  const document = version === undefined || version === last ? current : await reportIn(ctx, id, version)
  const facts = factsOf(document)
  const references = await referencesOf(ctx, id, last)
  const signed = references.filter((one) => withdrawnIn(one) === undefined)
  const [withdrawnAt] = references.flatMap((one) => withdrawnIn(one) ?? [])
  return {
    ...{ document, facts, versions: signed.map(versionOf), withdrawnAt },
    signature: agreed(await verified(ctx, document), facts, signed),
    newerNote: await newerNote(ctx, facts),
  }
}

/** A list that says something else than what was signed is no better than a document that does. */
function agreed(signature: Verified, { version, status, at }: Facts, references: readonly Kept[]): Verified {
  if (!signature.verified) return signature
  const listed = references.map(versionOf).find((one) => one.version === version)
  return listed?.status === status && listed.at === at ? signature : { verified: false, why: 'altered' }
}

const versionOf = (reference: Kept): Made['versions'][number] => {
  const {
    docStatus,
    date,
    author,
    extension = [],
  } = reference as unknown as {
    docStatus: Status
    date: string
    author: { reference: string }[]
    extension?: { url: string; valueString?: string }[]
  }
  const reason = extension.find(({ url }) => url === REASON)?.valueString
  return {
    version: Number(reference.meta.versionId),
    status: docStatus,
    practitioner: author[0]?.reference.split('/')[1] ?? '',
    at: date,
    ...(reason !== undefined && { reason }),
  }
}

/** A summary of a visit is of one version of its note. */
async function newerNote<T>(ctx: TransactionContext<T>, { madeFrom }: Facts): Promise<Made['newerNote']> {
  const [, id = '', version] = /\/Composition\/([^/]+)\/_history\/(\d+)$/.exec(madeFrom ?? '') ?? []
  const [note] = version === undefined ? [] : (await readWithin(ctx, [{ type: 'Composition', id }])).values()
  if (!note || note.meta.versionId === version) return undefined
  return { status: note.status as Status, at: String(note.date) }
}

export function shown({ facts, versions, signature, newerNote, withdrawnAt }: Whole): Made {
  const replacedBy = versions.find(({ version }) => version === facts.version + 1)
  return {
    ...summaryOf(facts),
    ...(withdrawnAt !== undefined && { status: 'entered-in-error', withdrawnAt }),
    ...facts.said,
    ...(facts.reason !== undefined && { reason: facts.reason }),
    ...(replacedBy && { replacedBy }),
    versions,
    ...(newerNote && { newerNote }),
    signature,
  }
}

const summaryOf = ({ report, kind, status, patient, practitioner, consultation, language, at, version }: Facts) => ({
  ...{ id: report, kind, status, patient, practitioner },
  ...(consultation !== undefined && { consultation }),
  ...{ language, issuedAt: at, version },
})

/** Whether a report is about this patient by now: two who became one, or were parted again, may have other numbers in what was signed. */
export async function isAbout<T>(ctx: Context<T>, report: string, patient: string): Promise<boolean> {
  const { resources } = await findOf(ctx, 'DocumentReference', { _id: report, patient }, { isHeld: true })
  return resources.length > 0
}

/** For the house, which tells a number alone. */
export async function countReports<T>(ctx: Context<T>, patient: string): Promise<number> {
  const of = { patient, category: `${OWN}|report`, _count: '1000' }
  const page = (cursor: string | undefined) =>
    transact(ctx, (ctx) =>
      findWithin(
        ctx,
        'DocumentReference',
        { ...of, ...(cursor !== undefined && { cursor }) },
        { isHeld: true, isForHouse: true },
      ),
    )
  let [count, { resources, next }] = [0, await page(undefined)]
  for (count = resources.length; next !== undefined; count += resources.length) ({ resources, next } = await page(next))
  return count
}

export async function list<T>(
  ctx: Context<T>,
  patient: string,
  { limit = 20, cursor }: Static<typeof listReports.query>,
): Promise<Static<typeof listReports.response>> {
  await expectSees(ctx, patient)
  const parameters = { patient, category: `${OWN}|report`, _sort: '-date', _count: String(limit) }
  const asked = { ...parameters, ...(cursor !== undefined && { cursor }) }
  const { resources, next } = await findOf(ctx, 'DocumentReference', asked, { isHeld: true })
  return { items: resources.map(listed), ...(next !== undefined && { next }) }
}

function listed(reference: Kept): Static<typeof listReports.response>['items'][number] {
  const { type, subject, context, content } = reference as unknown as {
    type: { coding: { system: string; code: string }[] }
    subject: { reference: string }
    context?: { encounter?: { reference: string }[] }
    content: { attachment: { language: string } }[]
  }
  const { version, status, practitioner, at } = versionOf(reference)
  const withdrawnAt = withdrawnIn(reference)
  const consultation = context?.encounter?.[0]?.reference.split('/')[1]
  return {
    id: reference.id,
    kind: type.coding.find(({ system }) => system === OWN)?.code as Kind,
    ...{ status, patient: subject.reference.split('/')[1] ?? '', practitioner },
    ...(consultation !== undefined && { consultation }),
    ...{ language: content[0]?.attachment.language ?? 'en', issuedAt: at },
    // That it was withdrawn is no version of what was signed.
    ...(withdrawnAt === undefined ? { version } : { version: version - 1, withdrawnAt }),
  }
}

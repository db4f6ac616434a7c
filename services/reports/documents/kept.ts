import { faceOf } from '#fhir/face.ts'
import type { Resource } from '#fhir/resource.ts'
import { findWithin, type Kept, versionsWithin } from '#fhir/rooms/read.ts'
import { type Write, writeResources } from '#fhir/rooms/write.ts'
import type { TransactionContext } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { sign, verify } from '#platform/signing/sign.ts'
import { OWN, REASON, typeOf, urnOf, WITHDRAWN } from './codes.ts'
import { type Facts, factsOf, type Made } from './facts.ts'

// A report in the store: a Bundle, which is the document, and a DocumentReference by which it is found, both under its id and written together, so that their versions are the same.

const CANONICAL = 'http://hl7.org/fhir/canonicalization/json#document'
const AUTHOR = '1.2.840.10065.1.12.1.1'

export const notThere = (what = 'report') =>
  new Problem('not-found', `There is no such ${what}, or you may not see it.`)

/** Signs a document and keeps it: `version` is that which it replaces; `as`: by whom who is named in a new one stands. */
export async function keep<T>(
  ctx: TransactionContext<T>,
  document: Resource & { id: string },
  of: Pick<Write, 'version' | 'as'>,
) {
  const facts = factsOf(document)
  const at = ctx.now()
  const who = `Practitioner/${facts.practitioner}`
  const jws = await sign(
    { ...ctx, now: () => at },
    { signed: document, canonicalization: CANONICAL, by: who, as: 'author' },
  )
  const signature = {
    type: [{ system: 'urn:iso-astm:E1762-95:2013', code: AUTHOR }],
    when: at.toISOString(),
    who: { reference: `${faceOf(ctx.config).base}/${who}` },
    targetFormat: 'application/fhir+json',
    sigFormat: 'application/jose',
    data: Buffer.from(jws).toString('base64'),
  }
  const resources = [{ ...document, signature }, foundBy(document, facts)]
  await writeResources(
    ctx,
    resources.map((resource): Write => ({ resource, isHeld: true, ...of })),
  )
}

function foundBy(document: Resource & { id: string }, facts: Facts): Resource & { id: string } {
  const { kind, status, title, patient, practitioner, consultation, language, at, reason } = facts
  const attachment = {
    contentType: 'application/fhir+json',
    language,
    url: `Bundle/${document.id}`,
    title,
    creation: at,
  }
  return {
    ...{ resourceType: 'DocumentReference', id: document.id },
    ...(document.meta?.security && { meta: { security: document.meta.security } }),
    ...(reason !== undefined && { extension: [{ url: REASON, valueString: reason }] }),
    masterIdentifier: document.identifier,
    identifier: [urnOf(document.id)],
    status: status === 'entered-in-error' ? status : 'current',
    docStatus: status,
    type: typeOf(kind),
    category: [{ coding: [{ system: OWN, code: 'report' }] }],
    subject: { reference: `Patient/${patient}` },
    date: at,
    author: [{ reference: `Practitioner/${practitioner}` }],
    description: title,
    content: [{ attachment }],
    ...(consultation !== undefined && { context: { encounter: [{ reference: `Encounter/${consultation}` }] } }),
  }
}

/** Of what a report is found by: when the house withdrew it. */
export const withdrawnIn = ({ extension = [] }: Resource): string | undefined =>
  (extension as { url: string; valueInstant?: string }[]).find(({ url }) => url === WITHDRAWN)?.valueInstant

/** As far as whoever asks may see it. */
export async function currentReport<T>(ctx: TransactionContext<T>, id: string): Promise<Kept> {
  const { resources } = await findWithin(ctx, 'Bundle', { _id: id }, { isHeld: true })
  const [document] = resources
  if (!document) throw notThere()
  return document
}

export async function reportIn<T>(ctx: TransactionContext<T>, id: string, version: number): Promise<Kept> {
  const [document] = (await versionsWithin(ctx, [{ type: 'Bundle', id, version }])).values()
  if (!document) throw notThere('version of the report')
  return document
}

/** Of each version what it is found by, the oldest first; behind them that it was withdrawn (withdraw.ts), which is signed by nobody. */
export async function referencesOf<T>(ctx: TransactionContext<T>, id: string, versions: number): Promise<Kept[]> {
  const wanted = Array.from({ length: versions + 1 }, (_, n) => ({ type: 'DocumentReference', id, version: n + 1 }))
  const found = await versionsWithin(ctx, wanted)
  return [...found.values()].sort((a, b) => Number(a.meta.versionId) - Number(b.meta.versionId))
}

export type Verified = Made['signature']

/** Whether this is what was signed, as this version of this report, by whom and when it says that it was. */
export async function verified<T>(ctx: TransactionContext<T>, kept: Kept): Promise<Verified> {
  const { signature, ...document } = kept as Resource & {
    signature?: { data?: string; when?: string }
    meta: Kept['meta']
  }
  if (signature === undefined) return { verified: false, why: 'missing' }
  const verdict = await verify(ctx, document, Buffer.from(signature.data ?? '', 'base64').toString())
  if (!verdict.verified) return verdict
  const { report, version, practitioner } = factsOf(document)
  const isIt = report === kept.id && version === Number(kept.meta.versionId)
  const isTheirs =
    verdict.by === `Practitioner/${practitioner}` &&
    verdict.as === 'author' &&
    verdict.at.getTime() === Math.floor(Date.parse(signature.when ?? '') / 1_000) * 1_000
  return isIt && isTheirs ? { verified: true } : { verified: false, why: 'altered' }
}

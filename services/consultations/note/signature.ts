import type { Resource } from '#fhir/resource.ts'
import { findWithin, type Kept, versionsWithin } from '#fhir/rooms/read.ts'
import { type Write, writeResources } from '#fhir/rooms/write.ts'
import type { TransactionContext } from '#platform/context.ts'
import { newId } from '#platform/ids.ts'
import { type Refusal, sign, verify } from '#platform/signing/sign.ts'
import type { ConsultationsTables } from '../tables.ts'
import { nameOf, type VersionName, versionNamed } from './composition.ts'

type Tx = TransactionContext<ConsultationsTables>

/** What of a resource is signed: all but its narrative on top and its labels, hl7.org/fhir/R4/json.html#canonical. Sections of a Composition are text, and signed. */
const CANONICAL = 'http://hl7.org/fhir/canonicalization/json#static'
const COMMITMENT = { author: '1.2.840.10065.1.12.1.1', verification: '1.2.840.10065.1.12.1.5' } as const
const AGENT = { author: 'author', verification: 'verifier' } as const

export interface Signing {
  practitioner: string
  as: keyof typeof COMMITMENT
  activity: 'CREATE' | 'UPDATE' | 'NULLIFY'
  reason?: string | undefined
}

/** Signs these versions, in their order: nobody can change what they say without its being seen. */
export async function signVersions(
  ctx: Tx,
  targets: readonly (Resource & { id: string })[],
  of: Signing,
): Promise<void> {
  const { practitioner, as, activity, reason } = of
  const who = { reference: `Practitioner/${practitioner}` }
  const at = ctx.now()
  const jws = await sign(
    { ...ctx, now: () => at },
    { signed: targets, canonicalization: CANONICAL, by: who.reference, as },
  )
  const when = at.toISOString()
  const resource = {
    resourceType: 'Provenance',
    id: newId(),
    target: targets.map(({ resourceType, id, meta }) => ({
      reference: `${resourceType}/${id}/_history/${meta?.versionId}`,
    })),
    recorded: when,
    activity: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-DataOperation', code: activity }] },
    ...(reason !== undefined && { reason: [{ text: reason }] }),
    agent: [
      {
        type: {
          coding: [{ system: 'http://terminology.hl7.org/CodeSystem/provenance-participant-type', code: AGENT[as] }],
        },
        who,
      },
    ],
    signature: [
      {
        type: [{ system: 'urn:iso-astm:E1762-95:2013', code: COMMITMENT[as] }],
        when,
        who,
        targetFormat: 'application/fhir+json',
        sigFormat: 'application/jose',
        data: Buffer.from(jws).toString('base64'),
      },
    ],
  }
  await writeResources(ctx, [{ resource, isHeld: true }])
}

/** Writes what a note consists of, and signs all that was written, with what of it is there unchanged. */
export async function writeSigned(
  ctx: Tx,
  { writes, unchanged = [] }: { writes: readonly Write[]; unchanged?: readonly Kept[] },
  of: Signing,
): Promise<void> {
  const written = await writeResources(ctx, writes)
  // A file is signed by its digest, which its DocumentReference has: whoever reads the note need not read them all to verify it.
  await signVersions(ctx, [...written.filter(({ resourceType }) => resourceType !== 'Binary'), ...unchanged], of)
}

export interface Signed {
  noteVersion: number
  by: string
  as: 'author' | 'verification'
  at: string
  reason?: string
  targets: VersionName[]
  jws: string
}

/** All signatures of a note, the oldest first, whatever they are of: one that is not seen must not make an earlier version look like the last. */
export async function signaturesOf(ctx: Tx, composition: string): Promise<Signed[]> {
  const { resources } = await findWithin(
    ctx,
    'Provenance',
    { target: `Composition/${composition}`, _count: '1000' },
    { isHeld: true, isForHouse: true },
  )
  return resources.map((one) => signedIn(one, composition))
}

function signedIn(provenance: Kept, composition: string): Signed {
  const { target, reason, signature } = provenance as unknown as {
    target: { reference: string }[]
    reason?: { text?: string }[]
    signature: { type: { code: string }[]; when: string; who: { reference: string }; data: string }[]
  }
  const [first] = signature
  const targets = target.map(({ reference }) => versionNamed(reference))
  const text = reason?.[0]?.text
  return {
    noteVersion: targets.find(({ type, id }) => type === 'Composition' && id === composition)?.version ?? 0,
    by: first?.who.reference.split('/')[1] ?? '',
    as: first?.type[0]?.code === COMMITMENT.verification ? 'verification' : 'author',
    at: first?.when ?? '',
    ...(text !== undefined && { reason: text }),
    targets,
    jws: Buffer.from(first?.data ?? '', 'base64').toString(),
  }
}

export type Verified = { verified: true } | { verified: false; why: Refusal | 'missing' }

/** Whether what is kept under the names of these versions is what was signed, by whom and when (to the second) it says that it was. */
export async function verified(ctx: Tx, { targets, jws, by, as, at }: Signed): Promise<Verified> {
  const found = await versionsWithin(ctx, targets, { isForHouse: true })
  const signed = targets.flatMap((one) => found.get(nameOf(one)) ?? [])
  if (signed.length < targets.length) return { verified: false, why: 'missing' }
  const verdict = await verify(ctx, signed, jws)
  if (!verdict.verified) return verdict
  const isTheirs =
    verdict.by === `Practitioner/${by}` &&
    verdict.as === as &&
    verdict.at.getTime() === Math.floor(Date.parse(at) / 1_000) * 1_000
  return isTheirs ? { verified: true } : { verified: false, why: 'altered' }
}

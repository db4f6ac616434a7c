import { coreOf, coreTypes } from '#fhir/documents/core.ts'
import type { Resource } from '#fhir/resource.ts'
import { keepWithin, mayCall, narrowed } from '#platform/access.ts'
import { audit } from '#platform/audit.ts'
import type { Context } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import type { Access } from '#platform/operation.ts'
import { signingKey } from '#platform/signing/keys.ts'
import { transact } from '#platform/transaction.ts'
import { issueCards, QR_LENGTH } from '../health-cards/card.ts'
import type { ReportsTables } from '../tables.ts'

type Ctx = Context<ReportsTables>

export interface Wanted {
  patient: string
  types: readonly string[]
  since?: Date | undefined
}

export interface Issue {
  patient: Resource & { id: string }
  cards: { jws: string; held: readonly Resource[] }[]
  leftOut: string[]
  more: number
}

/** Cards of what whoever asks sees. They are facts at a time: none is kept, nor can it be taken back. */
export async function issue(ctx: Ctx, { patient: id, types, since }: Wanted): Promise<Issue> {
  for (const type of types) expectMay(ctx, type, id)
  const { patient, facts, more } = await coreOf(ctx as unknown as Context<unknown>, { patient: id, types })
  const chosen = since === undefined ? facts : facts.filter(({ meta }) => new Date(String(meta?.lastUpdated)) >= since)
  const { cards, held, unsaid } = await transact(ctx, async (ctx) => {
    audit(ctx, { action: 'C', entity: `HealthCard/${patient.id}`, subject: `Patient/${patient.id}` })
    const [key, iss] = [await signingKey(ctx), ctx.config.PUBLIC_URL]
    return issueCards({ key, iss, now: ctx.now(), patient, facts: chosen })
  })
  return {
    ...{ patient, more, leftOut: unsaid.map(({ resourceType, id: of }) => `${resourceType}/${of}`) },
    cards: cards.map((jws, n) => ({ jws, held: held[n] ?? [] })),
  }
}

/** A token that may read patients need not be one that may read this of them. */
function expectMay({ actor }: Ctx, type: string, id: string): void {
  const asked = { access: `${type}.r` as Access, patient: '/params/id' } as const
  if (!mayCall(actor, asked)) throw new Problem('forbidden', `Nothing here permits you to read ${type}.`)
  keepWithin(narrowed(actor, asked), asked, { params: { id } })
}

export type Holds = 'immunizations' | 'summary'
export const typesOf = (of: Holds): readonly string[] => (of === 'summary' ? coreTypes : ['Immunization'])

export const fitsQr = (card: string): boolean => card.length <= QR_LENGTH

import type { Static } from 'typebox'
import { isSame } from '#fhir/json-value.ts'
import { readWithin } from '#fhir/rooms/read.ts'
import { agesAt, type Question, questionsAbout } from '#fhir/vital-signs/ask-back.ts'
import { audit } from '#platform/audit.ts'
import type { Context, TransactionContext } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { transact } from '#platform/transaction.ts'
import type { Draft } from './contract/draft.ts'
import { type SectionName, sectionNames } from './contract/note.ts'
import { isEmpty, type NotedOrder, type NotedProblem, type NoteSections } from './note/note.ts'
import { lockDraft, type OwnDraft, ownDraft, removeDraft, saveSections } from './queries/drafts.ts'
import type { ConsultationsTables } from './tables.ts'
import { notThere, overtaken, practitionerOf, viewerOf } from './viewer.ts'

type Ctx = Context<ConsultationsTables>
type Tx = TransactionContext<ConsultationsTables>

export const noDraft = () => notThere('draft')

export function readOwnDraft(ctx: Ctx, id: string): Promise<Static<typeof Draft>> {
  return transact(ctx, async (ctx) => {
    const draft = await ownDraft(ctx.db, id, viewerOf(ctx))
    if (!draft) throw noDraft()
    audit(ctx, {
      action: 'R',
      entity: `Draft/${id}`,
      subject: `Patient/${draft.patient_id}`,
      relationship: draft.relationship,
    })
    return toDraft(draft, await questionsIn(ctx, draft))
  })
}

/**
 * Saves what is sent, and nothing else. What two have typed in different sections both stands; in the same one the second is told what it says by now. Nothing is refused
 * for what it says: whoever is cut off in the middle of a number has it kept, with the question that it raises.
 */
export function save(ctx: Ctx, id: string, sent: NoteSections, version: number): Promise<Static<typeof Draft>> {
  return transact(ctx, async (ctx) => {
    const draft = await lockDraft(ctx.db, id, viewerOf(ctx))
    if (!draft) throw noDraft()
    // Whoever had no answer sends again what is there already: that overwrites nothing.
    const names = sectionNames.filter((name) => sent[name] !== undefined && !isSame(sent[name], draft.sections[name]))
    expectUntouched(draft, names, version)
    const [at, by] = [ctx.now(), practitionerOf(ctx)]
    const next = {
      ...draft,
      sections: { ...draft.sections, ...sent },
      changes: { ...draft.changes, ...changed(names, { version: draft.version + 1, by, at: at.toISOString() }) },
      version: draft.version + 1,
      updated_at: at,
    }
    ctx.atCommit(saveSections(id, next, at))
    audit(ctx, {
      action: 'U',
      entity: `Draft/${id}`,
      subject: `Patient/${draft.patient_id}`,
      relationship: draft.relationship,
    })
    return toDraft(next, await questionsIn(ctx, next))
  })
}

const changed = <C>(names: readonly SectionName[], change: C): Partial<Record<SectionName, C>> =>
  Object.fromEntries(names.map((name) => [name, change]))

function expectUntouched(draft: OwnDraft, names: readonly SectionName[], version: number): void {
  const touched = names.filter((name) => (draft.changes[name]?.version ?? 0) > version)
  if (version < draft.began)
    throw new Problem(
      'lock-error',
      'The draft that you have read is gone: it was signed, or given up. This one amends the note. Read it, and put both together.',
      { details: { version: draft.version, sections: draft.sections } },
    )
  if (version > draft.version) throw overtaken('draft')
  if (touched.length === 0) return
  throw new Problem(
    'lock-error',
    'Somebody else has changed these sections since you read them; nothing was saved. Put both together, and send it with the version that is named here.',
    {
      details: {
        version: draft.version,
        changed: touched.map((section) => ({ section, ...draft.changes[section], now: draft.sections[section] })),
      },
    },
  )
}

export function discard(ctx: Ctx, id: string, version: number): Promise<void> {
  return transact(ctx, async (ctx) => {
    const draft = await lockDraft(ctx.db, id, viewerOf(ctx))
    if (!draft) throw noDraft()
    if (draft.version !== version) throw overtaken('draft')
    if (draft.amends === null)
      throw new Problem(
        'business-rule',
        'This is the first draft. If there was no consultation, say that it was entered in error.',
      )
    await removeDraft(ctx.db, id)
    audit(ctx, {
      action: 'D',
      entity: `Draft/${id}`,
      subject: `Patient/${draft.patient_id}`,
      relationship: draft.relationship,
    })
  })
}

/** What has to be answered before it can be signed. */
export async function questionsIn(ctx: Tx, { sections, patient_id }: OwnDraft): Promise<Question[]> {
  const { vitals = [], problems = [], orders = [] } = sections
  const bornOn = vitals.length === 0 ? undefined : await birthOf(ctx, patient_id)
  const now = ctx.now()
  const at = (name: string, n: number) => `/body/sections/${name}/${n}`
  return [
    ...vitals.flatMap((one, n) => [
      ...questionsAbout(one, agesAt(bornOn, one.at === undefined ? now : new Date(one.at)), at('vitals', n)),
      ...untimely(one.at, { bornOn, now }, `${at('vitals', n)}/at`),
    ]),
    ...problems.flatMap((one, n) => [
      ...missingOf(one, at('problems', n)),
      ...untimely(one.onset, { now }, `${at('problems', n)}/onset`),
    ]),
    ...orders.flatMap((one, n) => missingOf(one, at('orders', n))),
  ]
}

/** Clocks differ a little, and days between countries by more: a date may be tomorrow's. */
const AHEAD = { time: 5 * 60_000, date: 14 * 3_600_000 }

function untimely(
  time: string | undefined,
  { bornOn, now }: { bornOn?: string | undefined; now: Date },
  pointer: string,
): Question[] {
  if (time === undefined) return []
  const at = Date.parse(time)
  if (at > now.getTime() + (time.includes('T') ? AHEAD.time : AHEAD.date))
    return [{ pointer, detail: 'is in the future' }]
  return bornOn !== undefined && at < Date.parse(bornOn) - AHEAD.date
    ? [{ pointer, detail: 'is before the birth' }]
    : []
}

/** What is new needs to be called something; what is there already is known by the version that was read. */
function missingOf({ id, version, code }: NotedProblem | NotedOrder, pointer: string): Question[] {
  const missing = (name: string) => [{ pointer: `${pointer}/${name}`, detail: 'is missing' }]
  if (id === undefined) return isEmpty(code) ? missing('code') : []
  return version === undefined ? missing('version') : []
}

async function birthOf(ctx: Tx, patient: string): Promise<string | undefined> {
  const found = await readWithin(ctx, [{ type: 'Patient', id: patient }])
  const bornOn = found.get(`Patient/${patient}`)?.birthDate
  return typeof bornOn === 'string' ? bornOn : undefined
}

export const toDraft = (draft: OwnDraft, questions: readonly Question[]): Static<typeof Draft> => ({
  consultation: draft.consultation_id,
  sections: draft.sections,
  changes: sectionNames.flatMap((section) => {
    const change = draft.changes[section]
    return change ? [{ section, ...change }] : []
  }),
  ...(draft.amends !== null && { amends: draft.amends }),
  ...(draft.reason !== null && { reason: draft.reason }),
  attachments: draft.attachments.map(({ id, title, content_type, bytes, added_at }) => ({
    ...{ id, title, contentType: content_type, bytes },
    addedAt: new Date(added_at).toISOString(),
  })),
  questions: [...questions],
  updatedAt: draft.updated_at.toISOString(),
  version: draft.version,
})

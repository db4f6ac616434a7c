import type { Static } from 'typebox'
import type { Resource } from '#fhir/resource.ts'
import { findOf, findWithin, type Kept, readResource, readWithin } from '#fhir/rooms/read.ts'
import { expectTreats } from '#fhir/rooms/relationship.ts'
import { writeResources } from '#fhir/rooms/write.ts'
import { takeTurns } from '#fhir/store/current.ts'
import { mayCall } from '#platform/access.ts'
import { audit } from '#platform/audit.ts'
import { accountOf } from '#platform/auth.ts'
import type { Context, TransactionContext } from '#platform/context.ts'
import { type FieldError, Problem } from '#platform/errors.ts'
import { newId } from '#platform/ids.ts'
import { transact } from '#platform/transaction.ts'
import { MOST_OPEN, type RecordImport } from '../contract/record-imports.ts'
import { agentOf } from '../entries/entries.ts'
import {
  forgetOldestOpen,
  insertRecordImport,
  lockRecordImport,
  ownRecordImport,
  type RecordImportRow,
  updateRecordImport,
} from '../queries/record-imports.ts'
import { storeOf } from '../store.ts'
import type { RecordsTables } from '../tables.ts'
import { type Decision, writesOf } from './apply.ts'
import { type Brought, readBundle } from './bundle.ts'
import type { Difference } from './compare.ts'
import { filesIn } from './files.ts'
import { type Planned, type PreviewEntry, previewOf, whoDiffers } from './preview.ts'
import { type FileWithFiles, isTaken } from './taken-over.ts'

type Ctx = Context<RecordsTables>
type Tx = TransactionContext<RecordsTables>
type Shown = Static<typeof RecordImport>

const DAY_MS = 86_400_000
/** A page of a search; and so many entries of a type that a preview looks through. */
const [PAGE, MOST_OF_TYPE] = [1_000, 20_000]

interface Preview {
  patient: Difference[]
  entries: PreviewEntry[]
}

const notThere = () => new Problem('not-found', 'There is no such import of yours, or its day is over.')

/** What the file would bring, kept for whoever brought it until they decide. */
export async function createRecordImport(ctx: Ctx, patient: string, content: Buffer): Promise<Shown> {
  await expectTreats(ctx, patient)
  const text = content.toString('utf8')
  const given = await broughtWith(ctx, text)
  const find = (type: string, parameters: Record<string, string>) => findOf(ctx, type, parameters)
  const person = await readResource(ctx, 'Patient', patient)
  const record = await recordOf(given.brought, patient, find)
  const planned = await plannedFrom(ctx, given, { patient, bornOn: person?.birthDate, record })
  const preview: Preview = {
    patient: whoDiffers(person, given.brought.patient?.resource),
    entries: planned.map(({ shown }) => shown),
  }
  const now = ctx.now()
  const account = accountOf(ctx)
  return transact(ctx, async (ctx) => {
    // Who brings two at once has no more than who brings one after the other.
    await takeTurns(storeOf(ctx), [`record-imports of ${account}`])
    await forgetOldestOpen(ctx.db, account, MOST_OPEN - 1)
    const row = await insertRecordImport(ctx.db, {
      ...{ id: newId(), account_id: account, patient_id: patient, source: given.brought.source },
      ...{ bundle: text, preview: JSON.stringify(preview), created_at: now },
      expires_at: new Date(now.getTime() + DAY_MS),
    })
    audit(ctx, { action: 'C', entity: `RecordImport/${row.id}`, subject: `Patient/${patient}` })
    return toImport(row)
  })
}

export async function readRecordImport(ctx: Ctx, of: { patient: string; id: string }): Promise<Shown> {
  await expectTreats(ctx, of.patient)
  const row = await ownRecordImport(ctx.db, { ...of, account: accountOf(ctx), now: ctx.now() })
  if (!row) throw notThere()
  const shown = toImport(row)
  return { ...shown, entries: await stillSeen(ctx, shown.entries) }
}

/** What the record had that whoever asks may not see any more is as though it were not there: a decision is asked anew then. */
async function stillSeen(ctx: Ctx, entries: Shown['entries']): Promise<Shown['entries']> {
  const named = entries.flatMap(({ existing }) => {
    const [type, id] = existing?.split('/') ?? []
    return type === undefined || id === undefined ? [] : [{ type, id }]
  })
  const seen = await transact(ctx, (ctx) => readWithin(ctx, named))
  return entries.map((one) => {
    const { existing, existingVersion: _version, differences: _differences, ...rest } = one
    return existing === undefined || seen.has(existing) ? one : { ...rest, outcome: 'new' }
  })
}

type Decided = readonly { entry: number; decision: Decision }[]

/** All that was decided, or nothing: where the record is not as the preview saw it, that is shown anew and asked back. */
export async function decideRecordImport(
  ctx: Ctx,
  { patient, id, version }: { patient: string; id: string; version: number },
  decided: Decided,
): Promise<Shown> {
  await expectTreats(ctx, patient)
  const brought = await ownRecordImport(ctx.db, { patient, id, account: accountOf(ctx), now: ctx.now() })
  if (!brought) throw notThere()
  if (brought.applied_at) throw decidedOn()
  // What is in the file stays as it is: it is looked through before others wait.
  const given = await broughtWith(ctx, brought.bundle)
  const outcome = await transact(ctx, async (ctx): Promise<{ shown: Shown; changed?: PreviewEntry[] }> => {
    await expectTreats(ctx, patient)
    // Of one patient one after the other, so that two who bring the same do not both find it new.
    await takeTurns(storeOf(ctx), [`record-import ${patient}`])
    const row = await lockRecordImport(ctx.db, { patient, id, account: accountOf(ctx), now: ctx.now() })
    if (!row) throw notThere()
    if (row.applied_at) throw decidedOn()
    if (row.version !== version) throw new Problem('lock-error', 'The preview is another by now. Read it again.')
    const find = (type: string, parameters: Record<string, string>) => findWithin(ctx, type, parameters)
    const [person] = (await readWithin(ctx, [{ type: 'Patient', id: patient }])).values()
    const record = await recordOf(given.brought, patient, find)
    const planned = await plannedFrom(ctx, given, { patient, bornOn: person?.birthDate, record })
    const preview = JSON.parse(row.preview) as Preview
    const changed = changedSince(preview, planned)
    const entries = planned.map(({ shown }) => shown)
    if (changed.length > 0) {
      const again = await updateRecordImport(ctx.db, row, { preview: JSON.stringify({ ...preview, entries }) })
      return { shown: toImport(again), changed }
    }
    const decisions = expectDecided(planned, decided)
    const writes = writesOf(planned, decisions)
    if (writes.length > 0)
      await writeResources(ctx, [
        ...writes,
        {
          resource: provenanceOf(
            ctx,
            row,
            writes.map(({ resource }) => resource),
          ),
        },
      ])
    audit(ctx, { action: 'U', entity: `RecordImport/${id}`, subject: `Patient/${patient}` })
    return { shown: toImport(await updateRecordImport(ctx.db, row, { applied_at: ctx.now(), bundle: '' })) }
  })
  if (outcome.changed)
    throw new Problem('lock-error', 'The record has changed since the preview. Read it again, and decide anew.', {
      details: { changes: outcome.changed, current: `"${outcome.shown.version}"` },
    })
  return outcome.shown
}

const decidedOn = () => new Problem('conflict', 'This import has been decided on. Bring the file again.')

const may = ({ actor }: Pick<Ctx, 'actor'>, scope: string): boolean =>
  mayCall(actor, { access: scope as 'Flag.c', patient: '/params/id' })

async function broughtWith(ctx: Pick<Ctx, 'actor'>, text: string): Promise<FileWithFiles> {
  const brought = readBundle(text)
  return { brought, files: await filesIn(brought, may(ctx, 'Binary.c')) }
}

/** What may be written, and looked at, by this token: of each type as on the FHIR face. */
function plannedFrom(
  ctx: Pick<Ctx, 'actor' | 'config' | 'now'>,
  { brought, files }: FileWithFiles,
  of: { patient: string; bornOn: unknown; record: readonly Kept[] },
): Promise<Planned[]> {
  const mayWrite = (type: string) =>
    ['s', 'c', 'u'].every((letter) => may(ctx, `${type}.${letter}`)) && may(ctx, 'Provenance.c')
  return previewOf(brought, { ...of, now: ctx.now(), files, mayWrite, longest: ctx.config.BODY_LIMIT_BYTES })
}

type Find = (
  type: string,
  parameters: Record<string, string>,
) => Promise<{ resources: Kept[]; next: string | undefined }>

/** Of each type that the file has, all that the record has. */
async function recordOf({ items }: Brought, patient: string, find: Find): Promise<Kept[]> {
  const types = new Set(items.map(({ resource }) => resource.resourceType).filter(isTaken))
  const record: Kept[] = []
  for (const type of types) {
    let cursor: string | undefined
    let read = 0
    do {
      const page = await find(type, { patient, _count: String(PAGE), ...(cursor !== undefined && { cursor }) })
      record.push(...page.resources)
      read += page.resources.length
      cursor = page.next
    } while (cursor !== undefined && read < MOST_OF_TYPE)
    if (cursor !== undefined)
      throw new Problem('too-costly', 'The record has more entries of a type than a preview looks through.')
  }
  return record
}

const changedSince = ({ entries }: Preview, planned: readonly Planned[]): PreviewEntry[] => {
  const was = new Map(entries.map((one) => [one.entry, one]))
  return planned.flatMap(({ shown }) => {
    const before = was.get(shown.entry)
    const isAsSeen =
      before?.outcome === shown.outcome &&
      before.existing === shown.existing &&
      before.existingVersion === shown.existingVersion
    return isAsSeen ? [] : [shown]
  })
}

/** One decision for each entry on which there is something to decide. */
function expectDecided(planned: readonly Planned[], decided: Decided): Map<number, Decision> {
  const open = new Map(
    planned.flatMap(({ shown: { entry, outcome } }) =>
      outcome === 'new' || outcome === 'conflict' ? [[entry, outcome] as const] : [],
    ),
  )
  const decisions = new Map(decided.map(({ entry, decision }) => [entry, decision]))
  const errors: FieldError[] = decided.flatMap(({ entry, decision }, at) => {
    const pointer = `/body/decisions/${at}`
    if (!open.has(entry)) return [{ pointer: `${pointer}/entry`, detail: 'is nothing to decide on' }]
    if (decision === 'both' && open.get(entry) === 'new')
      return [{ pointer: `${pointer}/decision`, detail: 'is for what is in conflict' }]
    return []
  })
  const missing = [...open.keys()].filter((entry) => !decisions.has(entry))
  if (decisions.size < decided.length) errors.push({ pointer: '/body/decisions', detail: 'has two for one entry' })
  if (missing.length > 0)
    errors.push({ pointer: '/body/decisions', detail: `has none for ${missing.slice(0, 20).join(', ')}` })
  if (errors.length > 0)
    throw new Problem('business-rule', 'Decide once on each entry that is new or in conflict.', { errors })
  return decisions
}

const provenanceOf = (
  ctx: Tx,
  { id, source }: RecordImportRow,
  made: readonly Resource[],
): Resource & { id: string } => ({
  resourceType: 'Provenance',
  id: newId(),
  target: made
    .filter(({ resourceType }) => resourceType !== 'Binary')
    .map((resource) => ({ reference: `${resource.resourceType}/${resource.id}` })),
  recorded: ctx.now().toISOString(),
  agent: [{ who: agentOf(ctx) }],
  entity: [
    { role: 'source', what: { display: source, identifier: { system: 'urn:ietf:rfc:3986', value: `urn:uuid:${id}` } } },
  ],
})

function toImport({ id, source, preview, applied_at, expires_at, version }: RecordImportRow): Shown {
  const { patient, entries } = JSON.parse(preview) as Preview
  const status = applied_at ? 'applied' : 'preview'
  return { id, source, status, expiresAt: expires_at.toISOString(), patient, entries, version }
}

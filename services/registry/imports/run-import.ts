import { createHash } from 'node:crypto'
import type { Static } from 'typebox'
import { audit } from '#platform/audit.ts'
import type { Context, TransactionContext } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { publish } from '#platform/events.ts'
import { newId } from '#platform/ids.ts'
import { inputValidator } from '#platform/validate.ts'
import { NewPatient } from '../contract/patients.ts'
import { NewPractitioner } from '../contract/practitioners.ts'
import { practitionerChanged } from '../contract.ts'
import type { Tables } from '../database.ts'
import { lookAfter } from '../desk/registrations.ts'
import { checkBirthDate, reachOf } from '../facts.ts'
import { checkSpecialities } from '../practitioners.ts'
import { projected } from '../projection/projector.ts'
import { insertPatient } from '../queries/patients.ts'
import { insertPractitioner } from '../queries/practitioners.ts'
import { type Kind, type Line, linesOf } from './parse.ts'
import * as queries from './queries.ts'

type Ctx = Context<Tables>
type Tx = TransactionContext<Tables>
type Outcome = 'created' | 'changed' | 'unchanged' | 'refused'

/** Lines of one transaction: a second of work, and what is lost where the process ends in the middle. */
const BITE = 200

/** Goes on where it was left: lines and the number of the next one are written together. */
export async function runImport(ctx: Ctx, { id }: { id: string }): Promise<void> {
  while (await runBite({ ...ctx, once: undefined }, id));
}

function runBite(ctx: Ctx, id: string): Promise<boolean> {
  return projected(ctx, async (ctx) => {
    const row = await queries.lockImport(ctx.db, id)
    if (!row || row.status === 'done' || row.content === null) return false
    const kind = row.kind as Kind
    const lines = linesOf(row.content, kind)
    const bite = lines.slice(row.next_line, row.next_line + BITE)
    const counts = { created: row.created, changed: row.changed, unchanged: row.unchanged, refused: row.refused }
    const earlier = new Set(lines.slice(0, row.next_line).map(({ values }) => values.key))
    const sources = await sourcesFor(ctx, row, bite)
    // What is written is written by who asked for it.
    const as = { ...ctx, actor: { ...ctx.actor, account: row.made_by } }
    for (const line of bite) {
      counts[await takeLine(as, row, line, { earlier, sources })]++
      earlier.add(line.values.key)
    }
    const next_line = row.next_line + bite.length
    const done = next_line >= lines.length
    const end = done ? { status: 'done', content: null, done_at: ctx.now() } : {}
    await queries.updateImport(ctx.db, id, { ...counts, next_line, ...end })
    return !done
  })
}

async function sourcesFor(ctx: Tx, row: queries.ImportRow, bite: Line[]) {
  const keys = bite.map(({ values }) => values.key ?? '')
  if (keys.length === 0) return new Map()
  const found = await queries.sourcesOf(ctx.db, row.organisation_id, row.kind, keys)
  return new Map(found.map((source) => [source.key, source]))
}

interface Known {
  earlier: Set<string | undefined>
  sources: Map<string, { subject_id: string; hash: Buffer }>
}

async function takeLine(ctx: Tx, row: queries.ImportRow, { line, values }: Line, known: Known): Promise<Outcome> {
  const { key = '', ...cells } = values
  try {
    if (key === '' || key.length > 200) throw fault('key', 'must be 1 to 200 characters')
    if (known.earlier.has(key)) throw fault('key', 'stands in an earlier line already')
    const facts = row.kind === 'patients' ? patientFacts(ctx, cells) : await practitionerFacts(ctx, cells)
    return await writeRecord(ctx, row, key, facts, known.sources.get(key))
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    const faults = (error.errors ?? [{ pointer: '/body', detail: error.message }]).slice(0, 20)
    await queries.insertFaults(
      ctx.db,
      faults.map(({ pointer, detail }, position) => ({
        import_id: row.id,
        ...{ line, position, key: key.slice(0, 200) },
        field: pointer.split('/')[2] ?? '',
        fault: detail,
      })),
    )
    return 'refused'
  }
}

const fault = (field: string, detail: string) =>
  new Problem('business-rule', 'A line cannot be taken.', { errors: [{ pointer: `/body/${field}`, detail }] })

const common = { method: 'POST', url: '/', summary: '', access: 'house' } as const
const checkPatient = inputValidator({ ...common, id: 'importPatient', body: NewPatient })
const checkPractitioner = inputValidator({ ...common, id: 'importPractitioner', body: NewPractitioner })

/** Cells that are empty are left out. */
const filled = (cells: Record<string, string>) =>
  Object.fromEntries(Object.entries(cells).filter(([, value]) => value !== ''))

function patientFacts(ctx: Tx, cells: Record<string, string>) {
  const body = filled(cells) as Static<typeof NewPatient>
  checkPatient({ params: {}, query: {}, body })
  checkBirthDate(body.birthDate, ctx.now())
  const { name, birthDate: birth_date, gender, language, zone, phone = null, email = null } = body
  return { name, birth_date, gender, language, zone, ...reachOf({ phone, email }) }
}

const several = (cell = '') =>
  cell
    .split(';')
    .map((part) => part.trim())
    .filter(Boolean)

async function practitionerFacts(ctx: Tx, { languages, specialities, ...cells }: Record<string, string>) {
  const lists = { languages: several(languages), specialities: several(specialities) }
  const body = { ...filled(cells), ...lists } as Static<typeof NewPractitioner>
  checkPractitioner({ params: {}, query: {}, body })
  await checkSpecialities(ctx, body.specialities)
  const { name, gender, about = null } = body
  return { name, gender, about, ...lists }
}

type Facts = ReturnType<typeof patientFacts> | Awaited<ReturnType<typeof practitionerFacts>>

async function writeRecord(
  ctx: Tx,
  { organisation_id, kind, dry_run }: queries.ImportRow,
  key: string,
  facts: Facts,
  source: { subject_id: string; hash: Buffer } | undefined,
): Promise<Outcome> {
  const hash = createHash('sha256').update(JSON.stringify(facts)).digest()
  if (source?.hash.equals(hash)) return 'unchanged'
  const [table, type] =
    kind === 'patients' ? (['patient', 'Patient'] as const) : (['practitioner', 'Practitioner'] as const)
  const id = source?.subject_id ?? newId()
  if (source) {
    const there = dry_run
      ? await queries.isKeptHere(ctx.db, table, id)
      : await queries.changeRecord(ctx.db, table, id, facts, ctx.now())
    if (!there) throw fault('key', 'is somebody who has an account, and changes their own profile')
  } else if (!dry_run) {
    const row = { id, organisation_id, created_at: ctx.now(), updated_at: ctx.now() }
    if ('birth_date' in facts) await insertPatient(ctx.db, { ...row, ...facts })
    else await insertPractitioner(ctx.db, { ...row, ...facts })
    await lookAfter(ctx, organisation_id, type, id)
  }
  const outcome = source ? 'changed' : 'created'
  if (dry_run) return outcome
  await queries.keepSource(ctx.db, { organisation_id, kind, key, subject_id: id, hash })
  audit(ctx, { action: source ? 'U' : 'C', entity: `${type}/${id}`, subject: `${type}/${id}`, relationship: 'desk' })
  if (table === 'practitioner') publish(ctx, practitionerChanged, { practitioner: id })
  return outcome
}

import type { Static } from 'typebox'
import { audit } from '#platform/audit.ts'
import type { Context, TransactionContext } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import type { InputOf, OutputOf } from '#platform/operation.ts'
import { inputValidator } from '#platform/validate.ts'
import { NewPatient } from '../contract/patients.ts'
import type * as contract from '../contract.ts'
import type { Tables } from '../database.ts'
import { checkBirthDate, reachOf } from '../facts.ts'
import { projected } from '../projection/projector.ts'
import { ZONE } from '../projection/zone.ts'
import { insertPatients, patientsBy } from './queries.ts'

type Taken = OutputOf<typeof contract.takePatients>['items'][number]
type Facts = ReturnType<typeof factsOf>

/** What of a Patient (hl7.org/fhir/R4/patient.html) is kept here. */
interface Given {
  id?: string
  name?: { text?: string; given?: string[]; family?: string; use?: string }[]
  birthDate?: string
  gender?: string
  communication?: { language?: { coding?: { code?: string }[] } }[]
  extension?: { url?: string; valueCode?: string }[]
  telecom?: { system?: string; value?: string }[]
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const check = inputValidator({
  ...{ method: 'POST', url: '/', summary: '', access: 'house' },
  ...{ id: 'takePatients', body: NewPatient },
})

/**
 * Registers patients who come from elsewhere, each under the id that it has there. Nobody's account is theirs yet. Who is there already stays as they are: the same
 * facts are no change, and others are refused.
 */
export async function takePatients(
  ctx: Context<Tables>,
  { by, patients }: InputOf<typeof contract.takePatients>['body'],
): Promise<OutputOf<typeof contract.takePatients>> {
  const read = patients.map((text) => factsFrom(JSON.parse(text) as Given, ctx.now()))
  const as = by === undefined ? ctx : { ...ctx, actor: { ...ctx.actor, account: by } }
  return projected(as, async (ctx) => {
    const made = new Set(await insertPatients(ctx.db, newRows(ctx, read)))
    for (const id of made) audit(ctx, { action: 'C', entity: `Patient/${id}`, subject: `Patient/${id}` })
    const there = await thereBefore(ctx, read, made)
    const items = read.map((one): Taken => {
      if (typeof one === 'string') return { outcome: 'refused', fault: one }
      if (made.delete(one.id)) return { outcome: 'created' }
      const same = there.get(one.id) === JSON.stringify(one)
      return same ? { outcome: 'unchanged' } : { outcome: 'refused', fault: 'Somebody has this id, with other facts.' }
    })
    return { items }
  })
}

const isRead = (one: Facts | string): one is Facts => typeof one !== 'string'

/** Of lines with one id, the first. */
function newRows(ctx: TransactionContext<Tables>, read: readonly (Facts | string)[]) {
  const [once, now] = [new Map<string, Facts>(), ctx.now()]
  for (const one of read) if (isRead(one) && !once.has(one.id)) once.set(one.id, one)
  return [...once.values()].map((facts) => ({ ...facts, created_at: now, updated_at: now }))
}

async function thereBefore(ctx: TransactionContext<Tables>, read: readonly (Facts | string)[], made: Set<string>) {
  const ids = read.filter(isRead).map(({ id }) => id)
  if (ids.length <= made.size) return new Map<string, string>()
  const rows = await patientsBy(ctx.db, ids)
  return new Map(rows.flatMap(({ erased_at, ...row }) => (erased_at ? [] : [[row.id, JSON.stringify(row)] as const])))
}

/** As columns, in their order; or what is wrong, in words without any of it. */
function factsFrom(given: Given, now: Date): Facts | string {
  try {
    return factsOf(given, now)
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    const fields = (error.errors ?? []).map(({ pointer, detail }) => `${pointer.split('/').at(-1)} ${detail}`)
    return `It cannot be registered: ${fields.join('; ') || error.message}`
  }
}

function factsOf({ id = '', name = [], birthDate, gender, communication, extension, telecom = [] }: Given, now: Date) {
  if (!UUID.test(id)) throw wrong('/body/id', 'must be a UUID')
  const [official = {}] = [...name.filter(({ use }) => use === 'official'), ...name]
  const reach = (system: string) => telecom.find((one) => one.system === system)?.value
  const [phone, email] = [reach('phone'), reach('email')]
  const body = {
    name: official.text ?? [...(official.given ?? []), official.family].filter(Boolean).join(' '),
    birthDate: birthDate ?? '',
    gender: gender ?? 'unknown',
    language: communication?.[0]?.language?.coding?.[0]?.code ?? 'en',
    zone: extension?.find(({ url }) => url === ZONE)?.valueCode ?? 'UTC',
    ...(phone !== undefined && { phone }),
    ...(email !== undefined && { email }),
  } as Static<typeof NewPatient>
  check({ params: {}, query: {}, body })
  checkBirthDate(body.birthDate, now)
  const { name: called, birthDate: birth_date, gender: is, language, zone } = body
  const reached = reachOf({ phone: phone ?? null, email: email ?? null })
  return {
    ...{ id, name: called, birth_date, gender: is, language, zone },
    ...{ phone: reached.phone ?? null, email: reached.email ?? null },
  }
}

const wrong = (pointer: string, detail: string) =>
  new Problem('invalid', 'A patient cannot be registered.', { errors: [{ pointer, detail }] })

import { accountOf, practising } from '#platform/auth.ts'
import type { Context } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { bookedWithPractitioner } from '../../scheduling/contract.ts'
import type { Audience } from '../queries/audience.ts'
import type { MessageRow } from '../queries/messages.ts'
import type { NotificationsTables } from '../tables.ts'

type Ctx = Context<NotificationsTables>
type Facts = Pick<
  MessageRow,
  'account_id' | 'practitioner_id' | 'audience' | 'patient_id' | 'role' | 'category' | 'visits_from' | 'visits_until'
>

/** What was asked for, as a row has it. Who may write to whom follows from what they are: a role alone opens no panel, and a licence no role. */
export interface Wish {
  audience: 'patient' | 'panel' | 'role'
  patient?: string
  role?: string
  visitsFrom?: string
  visitsUntil?: string
  category?: string
}

export function factsOf(ctx: Ctx, wish: Wish): Facts {
  const { audience, patient, role, visitsFrom, visitsUntil, category } = wish
  checkShape(wish)
  const practitioner = audience === 'role' ? undefined : practising(ctx)
  if (audience === 'role' && !ctx.actor.roles.includes('administrator'))
    throw new Problem('forbidden', 'Administrators alone write to everybody of a role.')
  if (audience !== 'role' && practitioner === undefined)
    throw new Problem('forbidden', 'Practitioners alone write to patients, those whom they treat.')
  return {
    account_id: accountOf(ctx),
    practitioner_id: practitioner ?? null,
    audience,
    patient_id: patient ?? null,
    role: role ?? null,
    category: category ?? 'general',
    visits_from: visitsFrom === undefined ? null : new Date(visitsFrom),
    visits_until: visitsUntil === undefined ? null : new Date(visitsUntil),
  }
}

function checkShape({ audience, patient, role, visitsFrom, visitsUntil, category }: Wish): void {
  const wrong = (pointer: string, detail: string) =>
    new Problem('business-rule', 'These do not go together.', { errors: [{ pointer: `/body/${pointer}`, detail }] })
  if ((audience === 'patient') !== (patient !== undefined)) throw wrong('patient', 'is of the audience `patient`')
  if ((audience === 'role') !== (role !== undefined)) throw wrong('role', 'is of the audience `role`')
  if (audience !== 'panel' && (visitsFrom ?? visitsUntil) !== undefined)
    throw wrong('visitsFrom', 'is of the audience `panel`')
  if ((audience === 'role') === (category !== undefined))
    throw wrong('category', audience === 'role' ? 'is of what concerns patients' : 'is missing: what is it about?')
  if (visitsFrom !== undefined && visitsUntil !== undefined && Date.parse(visitsFrom) >= Date.parse(visitsUntil))
    throw wrong('visitsUntil', 'must come after visitsFrom')
}

/** Whom it is for now. Asks scheduling, so it comes before a transaction. */
export async function audienceOf(ctx: Ctx, row: Facts): Promise<Audience> {
  const of = { account: row.account_id, category: row.category }
  if (row.audience === 'role') return { audience: 'role', role: row.role as string }
  if (row.audience === 'patient') return { ...of, audience: 'patient', patient: row.patient_id as string }
  const only = (row.visits_from ?? row.visits_until) ? await visitors(ctx, row) : undefined
  return { ...of, audience: 'panel', ...(only && { only }) }
}

/** Who has a visit in that time. */
async function visitors(ctx: Ctx, { practitioner_id, visits_from, visits_until }: Facts): Promise<string[]> {
  const patients = new Set<string>()
  const query = {
    since: (visits_from ?? new Date(0)).toISOString(),
    ...(visits_until && { until: visits_until.toISOString() }),
  }
  for (let after: string | undefined, more = true; more; ) {
    const { items } = await ctx.call(bookedWithPractitioner, {
      params: { id: practitioner_id as string },
      query: { ...query, ...(after !== undefined && { after }) },
    })
    for (const { patient } of items) patients.add(patient)
    after = items.at(-1)?.appointment
    more = after !== undefined
  }
  return [...patients]
}

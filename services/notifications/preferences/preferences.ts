import type { Static } from 'typebox'
import { accountOf } from '#platform/auth.ts'
import type { Context } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { transact } from '#platform/transaction.ts'
import { categories } from '../categories.ts'
import { channels } from '../channels.ts'
import type {
  NotificationPreferences,
  updateNotificationPreferences as updateContract,
} from '../contract/preferences.ts'
import {
  caresFor,
  type PreferencesRow,
  preferencesAbout,
  replacePreferences,
  type Wishes,
} from '../queries/preferences.ts'
import type { NotificationsTables } from '../tables.ts'

type Ctx = Context<NotificationsTables>
type Answer = Static<typeof NotificationPreferences>
type Change = Static<typeof updateContract.body>

/** One's own; or what one gets about a patient one cares for, while one does. */
export async function readPreferences(ctx: Ctx, patient: string | undefined): Promise<Answer> {
  const account = accountOf(ctx)
  await refuseStrangers(ctx, account, patient)
  return toAnswer(patient, await preferencesAbout(ctx.db, account, patient ?? account))
}

export async function updatePreferences(
  ctx: Ctx,
  patient: string | undefined,
  change: Change,
  version: number,
): Promise<Answer> {
  const account = accountOf(ctx)
  await refuseStrangers(ctx, account, patient)
  const row = toRow({ account_id: account, about: patient ?? account, version }, change)
  refuseClockAbout(patient, change)
  return transact(ctx, async (ctx) => {
    if (!(await replacePreferences(ctx.db, row, ctx.now())))
      throw new Problem('lock-error', 'These have been changed since you read them. Read them again.')
    return toAnswer(patient, { ...row, version: version + 1 })
  })
}

async function refuseStrangers({ db, now }: Ctx, account: string, patient: string | undefined): Promise<void> {
  if (patient !== undefined && !(await caresFor(db, account, patient, now())))
    throw new Problem('not-found', 'There is nobody of that id whose messages you receive.')
}

/** A person has one clock, whoever the messages are about; and a digest needs one. */
function refuseClockAbout(patient: string | undefined, { zone, quietHours, dailyAt, wishes }: Change): void {
  const wrong = (pointer: string, detail: string) =>
    new Problem('business-rule', 'These preferences do not go together.', { errors: [{ pointer, detail }] })
  if (patient !== undefined && (zone ?? quietHours ?? dailyAt) !== undefined)
    throw wrong('/body', 'quietHours, dailyAt and zone are of your own preferences')
  if (zone === undefined && (quietHours ?? dailyAt) !== undefined) throw wrong('/body/zone', 'is missing: whose clock?')
  const daily = wishes.findIndex(({ wish, channel }) => wish === 'daily' && channel !== 'email')
  if (daily >= 0) throw wrong(`/body/wishes/${daily}/wish`, 'a daily digest comes by email')
}

function toRow(
  key: Pick<PreferencesRow, 'account_id' | 'about' | 'version'>,
  { wishes, zone, quietHours, dailyAt }: Change,
): PreferencesRow {
  const chosen: Wishes = {}
  for (const { category, channel, wish } of wishes) chosen[category] = { ...chosen[category], [channel]: wish }
  return {
    ...key,
    wishes: chosen,
    zone: zone ?? null,
    quiet_from: quietHours?.from ?? null,
    quiet_until: quietHours?.until ?? null,
    daily_at: dailyAt ?? null,
  }
}

const minute = (time: string) => time.slice(0, 5)

function toAnswer(patient: string | undefined, row: PreferencesRow | undefined): Answer {
  const { wishes = {}, zone, quiet_from, quiet_until, daily_at, version = 1 } = row ?? {}
  return {
    ...(patient !== undefined && { patient }),
    wishes: listOf(wishes),
    ...(zone && { zone }),
    ...(quiet_from && quiet_until && { quietHours: { from: minute(quiet_from), until: minute(quiet_until) } }),
    ...(daily_at && { dailyAt: minute(daily_at) }),
    version,
  }
}

const listOf = (wishes: Wishes): Answer['wishes'] =>
  categories.flatMap((category) =>
    channels.flatMap((channel) => {
      const wish = wishes[category]?.[channel]
      return category === 'account' || wish === undefined ? [] : [{ category, channel, wish }]
    }),
  )

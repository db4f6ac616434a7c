import type { Static } from 'typebox'
import { audit } from '#platform/audit.ts'
import { accountOf } from '#platform/auth.ts'
import type { Context } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { transact } from '#platform/transaction.ts'
import type { DaySettings, updateDaySettings } from '../contract/day.ts'
import { isMirrored } from '../queries/mirror.ts'
import type { SchedulingTables } from '../tables.ts'
import { keepSettings, lockPlace, runsPlace, type SettingsRow, settingsOf } from './queries/settings.ts'

type Ctx = Context<SchedulingTables>

/** Where nobody has said otherwise. Ten minutes is what practices of the NHS write on their doors; of remote visits nobody can say who was there. */
const DEFAULTS: SettingsRow = {
  early_minutes: 120,
  late_minutes: 10,
  grace_minutes: 30,
  remote_grace_minutes: null,
  version: 1,
}

export const noPlace = () => new Problem('not-found', 'There is no such place here, or you do not run its day.')

export async function daySettings(db: Ctx['db'], place: string | null): Promise<SettingsRow> {
  return (place === null ? undefined : await settingsOf(db, place)) ?? DEFAULTS
}

const toSettings = (row: SettingsRow): Static<typeof DaySettings> => ({
  earlyMinutes: row.early_minutes,
  lateMinutes: row.late_minutes,
  ...(row.grace_minutes !== null && { graceMinutes: row.grace_minutes }),
  ...(row.remote_grace_minutes !== null && { remoteGraceMinutes: row.remote_grace_minutes }),
  version: row.version,
})

export async function readSettings({ db }: Ctx, place: string): Promise<Static<typeof DaySettings>> {
  if (!(await isMirrored(db, 'place', place))) throw noPlace()
  return toSettings(await daySettings(db, place))
}

export async function changeSettings(
  ctx: Ctx,
  place: string,
  facts: Static<typeof updateDaySettings.body>,
  version: number,
): Promise<Static<typeof DaySettings>> {
  return transact(ctx, async (ctx) => {
    await lockPlace(ctx.db, place)
    if (!(await runsPlace(ctx.db, place, accountOf(ctx), ctx.now()))) throw noPlace()
    const before = await daySettings(ctx.db, place)
    if (before.version !== version)
      throw new Problem('lock-error', 'The settings have changed since you read them. Read them again.')
    const row = {
      early_minutes: facts.earlyMinutes,
      late_minutes: facts.lateMinutes,
      grace_minutes: facts.graceMinutes ?? null,
      remote_grace_minutes: facts.remoteGraceMinutes ?? null,
      version: version + 1,
    }
    await keepSettings(ctx.db, place, row, ctx.now())
    audit(ctx, { action: 'U', entity: `Place/${place}`, reason: 'day settings' })
    return toSettings(row)
  })
}

import { system } from '#platform/auth.ts'
import type { Context } from '#platform/context.ts'
import { newId } from '#platform/ids.ts'
import type { Ground } from '#platform/service.ts'
import { transact } from '#platform/transaction.ts'
import { lineTo, openSwitchboard } from '../../open-things.ts'
import { noteReport } from '../../queries/reports.ts'
import type { NotificationsTables } from '../../tables.ts'
import { hearText } from '../answer-text.ts'
import { providersIn } from '../providers.ts'
import type { Delivered } from './delivered.ts'

/**
 * On a line of SMPP the other side speaks too, so there is one from the start in a process that works; in one that only answers requests there is one when
 * it has a code to send. Nothing of it is loaded where no such provider is named.
 */
export async function attendLines(ground: Ground<NotificationsTables>): Promise<void> {
  const { config } = ground
  const providers = providersIn(config).flatMap((one) => ('smpp' in one ? [one.smpp] : []))
  if (providers.length === 0) return
  const { openLine } = await import('./line.ts')
  const now = () => ground.context({ actor: system, traceId: newId(), doing: 'text by SMPP' })
  const ctx = now()
  openSwitchboard(ctx, async ({ name, settings }) =>
    openLine({ name, settings, log: ctx.log, hear: (delivered) => hear(now(), name, delivered) }),
  )
  if (config.OPENHCS_WORKER) await Promise.all(providers.map((provider) => lineTo(ctx, provider)))
}

/** Over this line nothing says whether what somebody wrote came before, so it is a new text each time; what it asks for is done once all the same. */
async function hear(ctx: Context<NotificationsTables>, provider: string, delivered: Delivered): Promise<void> {
  if ('inbound' in delivered) return hearText(ctx, { ...delivered.inbound, provider, reference: newId() })
  await transact(ctx, ({ db }) => noteReport(db, { provider, at: ctx.now(), ...delivered.report }))
}

import type { Context } from '#platform/context.ts'
import type { AboutPerson, Person, Trace } from '#platform/person.ts'
import { transact } from '#platform/transaction.ts'
import { inKeptWords, type Shown } from './kept-words.ts'
import { deliveriesOf, eraseInbox, eraseMentions, notificationsOf } from './queries/about.ts'
import { eraseMessages, messagesWrittenBy } from './queries/messages.ts'
import { erasePreferences, preferencesOf } from './queries/preferences.ts'
import { browsersOf, erasePushSubscriptions } from './queries/push.ts'
import { eraseReminders } from './queries/reminders.ts'
import { asName } from './render.ts'
import { withinSegments } from './sms/prepare.ts'
import type { NotificationsTables } from './tables.ts'

type Ctx = Context<NotificationsTables>

export async function aboutPerson(ctx: Ctx, { account }: Person): Promise<AboutPerson> {
  if (account === undefined) return { data: {}, fhir: [] }
  const { db, config } = ctx
  const [rows, sent] = [await notificationsOf(db, account), await deliveriesOf(db, account)]
  const chosen = await preferencesOf(db, [account])
  const [inApp, outside] = [await inKeptWords(ctx, rows), await inKeptWords(ctx, sent)]
  const told = rows.map((row) => {
    const { params, wording: _, zone: __, ...facts } = row
    const { title, text } = inApp(row)
    return { ...facts, ...params, title, text }
  })
  const written = sent.map((row) => {
    const { params: _, zone: __, wording, ...facts } = row
    return { ...facts, ...(wording !== null && asSent(row.channel, outside(row), config.PUBLIC_URL)) }
  })
  return {
    data: {
      Notifications: told,
      'Messages sent': written,
      'Messages wanted': chosen.map((row) => ({ ...row })),
      'Browsers that are told': await browsersOf(db, account),
      'Messages written': await messagesWrittenBy(db, account),
    },
    fhir: [],
  }
}

/** But for links, which are kept nowhere. */
function asSent(channel: string, said: Shown, url: string): { title?: string; text: string } {
  if (channel === 'push') return { title: said.title, text: said.short }
  return channel === 'email'
    ? { title: said.title, text: `${said.mail}\n\n-- \n${said.phrase('footer.mail', { url })}` }
    : { text: withinSegments(said, said.phrase('footer.text', { url })) }
}

export function erase(ctx: Ctx, { account, patient, practitioner, caregiver, names }: Person): Promise<Trace[]> {
  return transact(ctx, async (ctx) => {
    const inbox = account === undefined ? 0 : await eraseInbox(ctx.db, account)
    const browsers = account === undefined ? 0 : await erasePushSubscriptions(ctx.db, account)
    const records = [patient, practitioner, caregiver].filter((id) => id !== undefined)
    await erasePreferences(ctx.db, account, records)
    await eraseReminders(ctx.db, records)
    const written = await eraseMessages(ctx.db, account, records)
    const mentions = await eraseMentions(ctx.db, records, names.map(asName))
    return [
      { what: 'notifications and messages that wait', outcome: 'erased', count: inbox },
      { what: 'browsers that were told', outcome: 'erased', count: browsers },
      { what: 'messages that the person wrote, or that were written to them', outcome: 'erased', count: written },
      { what: 'notifications to others that name the person', outcome: 'erased', count: mentions },
    ]
  })
}

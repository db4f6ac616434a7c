import { authenticate } from '#platform/auth.ts'
import type { Context } from '#platform/context.ts'
import { findPractitioners } from '#services/scheduling/find-practitioners.ts'
import type { SchedulingTables } from '#services/scheduling/tables.ts'
import type { Send } from './bare-driver.ts'

type Ctx = Context<SchedulingTables>

/** Somebody who looks for care. */
export const seeker: Ctx['actor'] = { kind: 'account', roles: ['caregiver'], self: {} }

/** What the room's own function needs of a house: statements go to the bare driver, and it is now. */
export const bareContext = (send: Send): Ctx =>
  ({
    actor: seeker,
    now: () => new Date(),
    db: {
      async executeQuery({ sql, parameters }: { sql: string; parameters: readonly unknown[] }) {
        return { rows: await send(sql, parameters) }
      },
    },
  }) as unknown as Ctx

/** The page that the room makes, with nothing checked. */
export async function findPage(ctx: Ctx, url: string): Promise<string> {
  const query = new URLSearchParams(url.slice(url.indexOf('?') + 1))
  const language = query.getAll('language')
  return JSON.stringify(
    await findPractitioners(ctx, { ...Object.fromEntries(query), ...(language.length > 0 && { language }) } as never),
  )
}

/** The statement by which the house knows who asks. */
export async function sessionStatement(token: string): Promise<{ text: string; values: readonly unknown[] }> {
  let seen = { text: '', values: [] as readonly unknown[] }
  const remember: Send = async (text, values) => {
    seen = { text, values }
    return []
  }
  await authenticate(bareContext(remember).db as never, token, new Date())
  return seen
}

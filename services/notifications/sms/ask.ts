import { timingSafeEqual } from 'node:crypto'
import { Undelivered } from '../sending/provider.ts'

/** How long a provider is waited for, in milliseconds. */
const PATIENCE_MS = 10_000
const MOST_BYTES = 65_536

/** Posts, and answers what was said with a 2xx. A secret is given to the address that was configured, and to no other. */
export async function ask(
  name: string,
  url: string,
  request: { headers: Record<string, string>; body: string },
): Promise<string> {
  const answer = await fetch(url, {
    method: 'POST',
    redirect: 'error',
    signal: AbortSignal.timeout(PATIENCE_MS),
    ...request,
  }).catch(() => {
    throw new Undelivered(`${name} unreachable`) // no cause: its words may repeat the number
  })
  const text = await answer.text().catch(() => {
    throw new Undelivered(`${name} broke off`)
  })
  if (!answer.ok) throw refused(name, answer.status)
  return text.slice(0, MOST_BYTES)
}

/** Of this message: 400, 404, 410, 413, 422. Of us, as a wrong token is, or of all messages: another provider may take it. */
const OF_THIS_MESSAGE = new Set([400, 404, 410, 413, 422])

const refused = (name: string, status: number) =>
  new Undelivered(`${name} ${status}`, {
    final: OF_THIS_MESSAGE.has(status),
    answered: OF_THIS_MESSAGE.has(status) || status === 429,
  })

export function isSame(a: string, b: string): boolean {
  const [one, other] = [Buffer.from(a), Buffer.from(b)]
  return one.length === other.length && timingSafeEqual(one, other)
}

/** JSON or a form, as an object of texts; nothing where it is neither. */
export function membersOf(body: Buffer): Record<string, unknown> {
  const text = body.toString('utf8')
  if (!text.trimStart().startsWith('{')) return Object.fromEntries(new URLSearchParams(text))
  try {
    return JSON.parse(text) as Record<string, unknown>
  } catch {
    return {}
  }
}

/** A text of a bounded length that PostgreSQL can store. */
export const textOf = (value: unknown, most = 200): string | undefined =>
  typeof value === 'string' && value !== '' && value.length <= most && !value.includes('\0')
    ? value.toWellFormed()
    : undefined

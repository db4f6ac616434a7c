import { readFileSync } from 'node:fs'
import { hashOfToken } from '#platform/auth.ts'
import { newId } from '#platform/ids.ts'
import type { openPool, Rows, Send } from './bare-driver.ts'
import type { Ask } from './messages.ts'
import { record } from './recording.ts'

/** What differs from one booking to the next. */
type Facts = Record<string, unknown>
type Fill = (facts: Facts) => unknown
interface Step {
  text: string
  values: Fill[]
}

/**
 * Books as the house does, but only as far as the database can tell: the statements of a real booking are recorded, and sent again in
 * the same bursts with the values of each request in place of those of the example.
 */
export async function openBookingFloor(exampleFile: string, reader: Send, connect: ReturnType<typeof openPool>) {
  const [warmUp, example] = JSON.parse(readFileSync(exampleFile, 'utf8')) as [Ask, Ask]
  const { sent, rows, answer } = await record(warmUp, example)
  const facts = factsOf(rows)
  const known = { ...knownOf(example), ...facts, id: answer.id, end: answer.end, account: rows[0]?.[0]?.account }
  const bursts = [1, 2, 3].map((n) => sent.filter(({ burst }) => burst === n).map((one) => compile(one, known)))
  const [session = [], check = [], write = []] = bursts
  const body = fillerOf(JSON.stringify(answer), known)

  return async (request: string, token: string, key: string): Promise<string> => {
    const asked: Facts = { ...JSON.parse(request), key, hash: hashOfToken(token), now: new Date(), id: newId() }
    const [[who]] = (await sendAll(reader, session, asked)) as [Rows]
    asked.account = who?.account
    const { send, release } = await connect()
    try {
      const found = factsOf(await sendAll(send, check, asked))
      Object.assign(asked, found, {
        end: new Date(Date.parse(String(asked.start)) + Number(found.minutes) * 60_000).toISOString(),
      })
      await sendAll(send, write, asked)
    } catch (error) {
      await send('rollback', [])
      throw error
    } finally {
      release()
    }
    return String(body(asked))
  }
}

const sendAll = async (send: Send, steps: Step[], facts: Facts): Promise<Rows[]> =>
  Promise.all(
    steps.map(({ text, values }) =>
      send(
        text,
        values.map((fill) => fill(facts)),
      ),
    ),
  )

/** The row that says which hours the booking lies in. */
function factsOf(answers: Rows[]): Facts {
  const row = answers.flat().find((one) => 'schedule_id' in one)
  const [room = null] = (row?.resources ?? []) as string[]
  return { schedule_id: row?.schedule_id, place_id: row?.place_id, room, minutes: row?.minutes }
}

const knownOf = ({ token, key, body }: Ask): Facts => ({ ...JSON.parse(body ?? '{}'), key, hash: hashOfToken(token) })

const compile = ({ text, values }: { text: string; values: unknown[] }, known: Facts): Step => ({
  text,
  values: values.map((value) => fillerOf(value, known)),
})

/** A function that makes this value for another booking. */
function fillerOf(value: unknown, known: Facts): Fill {
  if (Buffer.isBuffer(value)) return ({ hash }) => hash
  if (value instanceof Date) return instantOf(value, known)
  if (Array.isArray(value)) {
    const fills = value.map((one) => fillerOf(one, known))
    return (facts) => fills.map((fill) => fill(facts)).filter((one) => one !== null) // not everybody has a room
  }
  return typeof value === 'string' ? textOf(value, known) : () => value
}

function instantOf(value: Date, known: Facts): Fill {
  const name = ['start', 'end'].find((one) => Date.parse(String(known[one])) === value.getTime())
  return name ? (facts) => new Date(String(facts[name])) : ({ now }) => now
}

const NAMED = ['account', 'patient', 'practitioner', 'id', 'key', 'start', 'end', 'schedule_id', 'place_id', 'room']

/** Text with every known value in it exchanged: also inside JSON. */
function textOf(value: string, known: Facts): Fill {
  const whole = NAMED.find((name) => known[name] === value)
  if (whole) return (facts) => facts[whole]
  const names = NAMED.filter((name) => typeof known[name] === 'string')
  const pattern = new RegExp(`(${names.map((name) => String(known[name]).replaceAll('.', '\\.')).join('|')})`)
  const parts = value.split(pattern).map((part) => ({ part, name: names.find((name) => known[name] === part) }))
  if (!parts.some(({ name }) => name)) return () => value
  return (facts) => parts.map(({ part, name }) => (name ? facts[name] : part)).join('')
}

import type { Context } from '#platform/context.ts'
import { takePatients } from '../../registry/contract.ts'
import type { RecordsTables } from '../tables.ts'
import type { Read, Taken } from './taken.ts'

/** So many in one call between rooms, of so many characters each: what is kept of a patient is short. */
const AT_ONCE = 100
const MOST_CHARACTERS = 2_000

/** Patients are registry's: there they are registered, and what becomes of each is told as of any other line. */
export async function takePatientLines(
  ctx: Context<RecordsTables>,
  read: readonly Read[],
  taken: Taken,
): Promise<void> {
  const shortened = read.map(({ line, resource }) => {
    const { id, name, birthDate, gender, communication, telecom, extension } = resource
    return { line, text: JSON.stringify({ id, name, birthDate, gender, communication, telecom, extension }) }
  })
  const whole = shortened.filter(({ text }) => text.length <= MOST_CHARACTERS)
  for (const { line, text } of shortened)
    if (text.length > MOST_CHARACTERS)
      taken.faults.push({ line, code: 'too-long', diagnostics: 'It says more of a patient than is kept here.' })
  for (let at = 0; at < whole.length; at += AT_ONCE) {
    const some = whole.slice(at, at + AT_ONCE)
    const { account: by } = ctx.actor
    const body = { ...(by !== undefined && { by }), patients: some.map(({ text }) => text) }
    const { items } = await ctx.call(takePatients, { body })
    for (const [i, { outcome, fault = '' }] of items.entries()) {
      if (outcome === 'created') taken.created++
      else if (outcome === 'unchanged') taken.unchanged++
      else taken.faults.push({ line: some[i]?.line ?? 0, code: 'business-rule', diagnostics: fault })
    }
  }
}

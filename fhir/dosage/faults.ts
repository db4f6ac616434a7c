import type { FieldError } from '#platform/errors.ts'
import { type Amount, type Dose, isSayable } from './dose.ts'
import { moreThanMost } from './most.ts'

/** What nobody can follow, or means two things at once; `amount` may still have to be worked out of a weight. */
export function faultsIn({ doses, inTurn = false }: { doses: readonly Asked[]; inTurn?: boolean }): FieldError[] {
  const endless = doses
    .slice(0, -1)
    .flatMap((dose, n) =>
      inTurn && dose.for === undefined && dose.until === undefined && !dose.once
        ? [{ pointer: `/body/doses/${n}/for`, detail: 'is missing: nobody knows when the next one begins' }]
        : [],
    )
  return [...doses.flatMap((dose, n) => faultsOf(dose, `/body/doses/${n}`)), ...endless]
}

export type Asked = Omit<Dose, 'amount'> & Partial<Pick<Dose, 'amount'>>

function faultsOf(dose: Asked, at: string): FieldError[] {
  const { amount, perKilogram, most } = dose
  const errors: FieldError[] = []
  const say = (name: string, detail: string) => errors.push({ pointer: name === '' ? at : `${at}/${name}`, detail })
  if ((amount === undefined) === (perKilogram === undefined)) say('', 'must have either `amount` or `perKilogram`')
  if (amount) errors.push(...amountFaults(amount, `${at}/amount`))
  if (perKilogram && !isSayable(perKilogram.value)) say('perKilogram/value', TOO_FINE)
  if (most) errors.push(...amountFaults(most.amount, `${at}/most/amount`))
  if (most && most.amount.value === undefined) say('most/amount/value', 'is missing: the most is one value')
  const more = moreThanMost(dose)
  if (more) say('most/amount', more === 'one' ? 'is less than one dose' : 'is less than what it comes to in that time')
  rhythmFaults(dose, say)
  boundFaults(dose, say)
  return errors
}

const TOO_FINE = 'has more digits than anybody can measure'

type Say = (name: string, detail: string) => void

function amountFaults({ value, low, high, unit, form }: Amount, at: string): FieldError[] {
  const errors: FieldError[] = []
  const say = (detail: string, name = '') => errors.push({ pointer: `${at}${name}`, detail })
  const isOne = value !== undefined && low === undefined && high === undefined
  const isRange = value === undefined && low !== undefined && high !== undefined
  if (!isOne && !isRange) say('must be either a `value`, or from `low` to `high`')
  else if (isRange && low >= high) say('is not above `low`', '/high')
  if ((unit === undefined) === (form === undefined)) say('must have either a `unit` or a `form`: it is not guessed')
  for (const [name, number] of Object.entries({ value, low, high }))
    if (number !== undefined && !isSayable(number)) say(TOO_FINE, `/${name}`)
  return errors
}

function rhythmFaults({ once, times, at, when, days, asNeeded, most }: Asked, say: Say): void {
  const rhythms = Object.entries({ once, times, at, when }).filter(([, value]) => value !== undefined)
  if (rhythms.length > 1) say(rhythms[1]?.[0] ?? '', `says how often, and \`${rhythms[0]?.[0]}\` does too`)
  if (rhythms.length === 0 && !asNeeded) say('times', 'is missing: say how often')
  if (asNeeded && !most) say('most', 'is missing: what is taken when needed has a limit')
  const isDaily = at !== undefined || when !== undefined || (times?.every.unit === 'day' && times.every.count === 1)
  if (days && !isDaily) say('days', 'go with what is said of a day: `at`, `when`, or `times` every day')
}

function boundFaults({ once, for: span, from, until }: Asked, say: Say): void {
  if (span && (from !== undefined || until !== undefined)) say('for', 'and dates say the same: one of them is enough')
  if (once && (span || until !== undefined)) say('once', 'ends by itself')
  if (from !== undefined && until !== undefined && until < from) say('until', 'is before `from`')
}

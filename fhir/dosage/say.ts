import { languageOf, localeOf } from '#platform/language.ts'
import { type Arguments, dayIn, formatMessage, isolated } from '#platform/message-format.ts'
import type { Amount, Dose, Regimen, Span } from './dose.ts'
import { weekdays } from './dose.ts'
import { catalogues } from './words/catalogues.ts'
import type { Words } from './words/en.ts'

/** A dose as whoever takes it reads it: all that its structure says, and nothing else, in the language of this tag (BCP 47). */
export function sayDose(dose: Dose, tag: string): string {
  const { say } = teller(tag)
  const main = [...howMuch(dose, tag), ...howOften(dose, tag), ...howLong(dose, tag)]
  const limits = [
    ...(dose.most ? [say('most', { amount: sayAmount(dose.most.amount, tag), span: saySpan(dose.most.in, tag) })] : []),
    ...(dose.perKilogram ? [say('perKilogram', { amount: sayAmount(dose.perKilogram, tag) })] : []),
    ...(dose.note === undefined ? [] : [asWritten(dose.note, tag)]),
  ]
  return [main.join(say('comma')), ...limits].join(say('semicolon'))
}

/** Signs that turn the direction of what comes behind them say nothing, and could turn a number. */
const TURNING = /[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g

/** What whoever prescribes wrote, within what is said here. */
const asWritten = (text: string, tag: string): string => isolated(text.replace(TURNING, ''), tag)

/** All of them, and whether one follows on the other. */
export const sayRegimen = ({ doses, inTurn = false }: Regimen, tag: string): string =>
  doses
    .map((dose) => sayDose(dose, tag))
    .reduce((all, next) => teller(tag).say(inTurn ? 'inTurn' : 'together', { all, next }))

const teller = (tag: string) => ({
  say: (word: keyof Words, values: Arguments = {}) =>
    formatMessage(catalogues[languageOf(tag) ?? 'en'][word], tag, values),
})

function howMuch({ amount, route, once }: Dose, tag: string): string[] {
  const { say } = teller(tag)
  return [sayAmount(amount, tag), ...(route ? [say(`route.${route}`)] : []), ...(once ? [say('once')] : [])]
}

function howOften({ times, at, when, days, food, asNeeded }: Dose, tag: string): string[] {
  const { say } = teller(tag)
  const list = (items: readonly string[]) => formatter(Intl.ListFormat, tag, { type: 'conjunction' }).format(items)
  const { reason } = asNeeded ?? {}
  return [
    ...(times ? [sayTimes(times, tag)] : []),
    ...(at ? [say('at', { times: list(at.map((time) => sayTime(time, tag))) })] : []),
    ...(when ? [list(when.map((part) => say(`when.${part}`)))] : []),
    ...(days ? [say('days', { days: list(days.map((day) => sayDay(day, tag))) })] : []),
    ...(food ? [say(`food.${food}`)] : []),
    ...(asNeeded && reason === undefined ? [say('asNeeded')] : []),
    ...(reason === undefined ? [] : [say('asNeededFor', { reason: asWritten(reason, tag) })]),
  ]
}

function howLong({ for: span, from, until }: Dose, tag: string): string[] {
  const { say } = teller(tag)
  const day = (date: string) => dayIn(tag, 'UTC', new Date(`${date}T00:00:00Z`))
  return [
    ...(span ? [say('for', { span: saySpan(span, tag) })] : []),
    ...(from === undefined ? [] : [say('from', { day: day(from) })]),
    ...(until === undefined ? [] : [say('until', { day: day(until) })]),
  ]
}

/** The form of the word is that of the last number said. */
function sayAmount({ value, low, high, unit, form }: Amount, tag: string): string {
  const { say } = teller(tag)
  const amount =
    value === undefined
      ? say('range', { low: number(low as number, tag), high: number(high as number, tag) })
      : number(value, tag)
  return say(form ? `form.${form}` : `unit.${unit as NonNullable<Amount['unit']>}`, {
    n: value ?? (high as number),
    amount,
  })
}

function sayTimes({ count, every }: NonNullable<Dose['times']>, tag: string): string {
  const { say } = teller(tag)
  const each = every.count === 1 ? say(`each.${every.unit}`) : say(`every.${every.unit}`, { span: saySpan(every, tag) })
  if (count === 1 && every.count > 1) return each
  const how = count === 1 ? 'once' : count === 2 ? 'twice' : 'other'
  return say('frequency', { times: say('times', { how, n: count, count: number(count, tag) }), each })
}

const saySpan = ({ count, unit }: Span, tag: string): string =>
  teller(tag).say(`span.${unit}`, { n: count, count: number(count, tag) })

/** Without signs between thousands: of 1.000 and 1,000 one is a thousand here and one elsewhere. */
const number = (value: number, tag: string): string =>
  formatter(Intl.NumberFormat, tag, { maximumFractionDigits: 4, useGrouping: false }).format(value)

const sayTime = (time: string, tag: string): string =>
  formatter(Intl.DateTimeFormat, tag, {
    ...{ hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone: 'UTC' },
  } as Intl.DateTimeFormatOptions).format(new Date(`2031-03-03T${time}:00Z`))

/** 3 March 2031 is a Monday. */
const sayDay = (day: (typeof weekdays)[number], tag: string): string =>
  formatter(Intl.DateTimeFormat, tag, { weekday: 'long', timeZone: 'UTC' }).format(
    new Date(Date.UTC(2031, 2, 3 + weekdays.indexOf(day))),
  )

const made = new Map<string, unknown>()
/** Languages with their regions, of three kinds: nobody can make it grow for ever. */
const MOST_MADE = 500

function formatter<T, const O extends object>(kind: new (locale: string, options: O) => T, tag: string, options: O): T {
  const key = [kind.name, localeOf(tag), ...Object.values(options)].join()
  const there = made.get(key)
  if (there) return there as T
  const one = new kind(localeOf(tag), options)
  if (made.size >= MOST_MADE) made.clear()
  made.set(key, one)
  return one
}

import { type Language, localeOf } from '#platform/language.ts'
import { type Arguments, formatMessage, isolated } from '#platform/message-format.ts'
import { weekdays } from '../contract/schedule.ts'
import type { Activity, Goal, Plan } from './plan.ts'
import { catalogues } from './words/catalogues.ts'
import type { Field, Words } from './words/words.ts'

// What a plan says, in words of a language: its own words stand as they were written, between marks that keep them from turning the direction of what is beside them.

export interface Speech {
  words: Words
  /** Of somebody's own words: they do not turn the direction of what is beside them. */
  quoted(text: string): string
  say(message: string, values: Arguments): string
  date(day: string): string
  number(value: number): string
  list(items: readonly string[]): string
  weekday(day: (typeof weekdays)[number]): string
}

const TURNS = /[\u202a-\u202e\u2066-\u2069]/g

/** 1 January 2024 is a Monday. */
const MONDAY = Date.UTC(2024, 0, 1)
const DAY = 86_400_000

export function speechIn(language: Language): Speech {
  const [locale, words] = [localeOf(language), catalogues[language]]
  const dates = new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeZone: 'UTC' })
  const days = new Intl.DateTimeFormat(locale, { weekday: 'long', timeZone: 'UTC' })
  const numbers = new Intl.NumberFormat(locale, { maximumFractionDigits: 20 })
  const lists = new Intl.ListFormat(locale)
  return {
    words,
    quoted: (text) => isolated(text.replace(TURNS, ''), language),
    say: (message, values) => formatMessage(message, language, values),
    date: (day) => dates.format(Date.parse(`${day}T00:00:00Z`)),
    number: (value) => numbers.format(value),
    list: (items) => lists.format(items),
    weekday: (day) => days.format(MONDAY + weekdays.indexOf(day) * DAY),
  }
}

const conceptIn = ({ text, coding: [first] = [] }: Goal['what'], { quoted }: Speech): string =>
  quoted(text ?? first?.display ?? first?.code ?? '')

export const nameOf = (one: Goal | Activity, speech: Speech): string =>
  'what' in one ? conceptIn(one.what, speech) : speech.quoted(one.instruction.split('\n')[0] ?? '')

/** What a field says; undefined where it is empty, or what it says is no words. */
export function fieldIn(field: Field, of: Plan | Goal | Activity, speech: Speech): string | undefined {
  const { words } = speech
  const value = (of as unknown as Record<string, unknown>)[field]
  if (value === undefined || field === 'problems' || field === 'prescription') return undefined
  if (field === 'from' || field === 'to' || field === 'reviewOn') return speech.date(String(value))
  if (field === 'status') return words.statuses[value as Plan['status']]
  if (field === 'achievement') return words.achievements[value as NonNullable<Goal['achievement']>]
  if (field === 'kind') return words.kinds[value as Activity['kind']]
  if (field === 'performer') return words.roles[(value as Activity['performer']).role]
  if (field === 'what') return conceptIn(value as Goal['what'], speech)
  if (field === 'targets') return (value as NonNullable<Goal['targets']>).map((one) => targetIn(one, speech)).join('; ')
  if (field === 'schedule') return scheduleIn(value as NonNullable<Activity['schedule']>, speech)
  return speech.quoted(String(value))
}

function targetIn({ measure, within, on }: NonNullable<Goal['targets']>[number], speech: Speech): string {
  const { words, say, date } = speech
  const range = within && rangeIn(within, speech)
  return [conceptIn(measure, speech), range, on && say(words.by, { date: date(on) })].filter(Boolean).join(' ')
}

function rangeIn(
  { low, high, unit }: NonNullable<NonNullable<Goal['targets']>[number]['within']>,
  { words, quoted, say, number }: Speech,
): string {
  const [from, to] = [low === undefined ? '' : number(low), high === undefined ? '' : number(high)]
  const pattern = high === undefined ? words.atLeast : low === undefined ? words.atMost : words.between
  return say(pattern, { low: from, high: to, unit: quoted(unit) })
}

function scheduleIn(
  { timesOfDay, days, everyDays, from, to }: NonNullable<Activity['schedule']>,
  speech: Speech,
): string {
  const { words, say, date, list, weekday } = speech
  const inOrder = weekdays.filter((day) => days?.includes(day))
  const rhythm = days
    ? list(inOrder.map(weekday))
    : everyDays
      ? say(words.everyDays, { count: everyDays })
      : words.eachDay
  return [
    list(timesOfDay.toSorted()),
    rhythm,
    say(words.from, { date: date(from) }),
    ...(to === undefined ? [] : [say(words.to, { date: date(to) })]),
  ].join(', ')
}

export const anotherIn = ({ performer }: Activity, { words, say }: Speech): string =>
  say(words.another, { role: words.roles[performer.role] })

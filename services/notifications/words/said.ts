import {
  type Arguments,
  briefTimeIn,
  dayIn,
  formatMessage,
  isolated,
  timeIn,
  zoneIn,
} from '#platform/message-format.ts'
import type { AppointmentParams, AppointmentsParams, MandateParams, OfferParams, ParamsOf, Phrase } from './words.ts'

/** Who is written to: their language (BCP 47), and the zone on whose clock they live, where they have said so. */
export interface Reader {
  language: string
  zone?: string | null | undefined
  /** Who has little room: a text is paid by the letter. */
  brief?: boolean
}

type Phrases = Readonly<Record<Phrase, string>>
type Params = Partial<
  OfferParams &
    AppointmentsParams &
    MandateParams &
    ParamsOf['webhook-disabled.administrator'] & { createdAt: string; dueAt: string; days: number; text: string }
>

/** What may stand in braces in a message, from what is kept of it. Kept messages are made from it for a year: a name may be added, and none be taken away. */
export function argumentsOf(params: object, reader: Reader, phrases: Phrases): Arguments {
  const given = params as Params
  const [first] = given.visits ?? []
  return {
    ...namesIn({ ...first, ...given }, reader.language),
    ...timesIn({ ...first, ...given }, reader, phrases),
    ...(given.visits && {
      count: given.visits.length,
      list: listOf(given.visits, reader, phrases),
      times: given.visits.map((visit) => lineOf(visit, reader, phrases)).join('\n'),
    }),
    ...(given.days !== undefined && { days: given.days }),
    ...(given.text !== undefined && { written: given.text }),
    ...(given.host !== undefined && { host: given.host, reason: given.reason }),
    ...keywords(phrases),
  }
}

export const keywords = (phrases: Phrases) => ({
  stopWord: phrases['word.stop'],
  startWord: phrases['word.start'],
})

function namesIn({ patient, practitioner, caregiver }: Params, language: string): Arguments {
  const names = { patient, practitioner, caregiver }
  const there = Object.entries(names).filter((entry): entry is [string, string] => entry[1] !== undefined)
  return Object.fromEntries(there.map(([name, value]) => [name, isolated(value, language)]))
}

function timesIn({ start, zone, mode, place, answerBy, createdAt, dueAt }: Params, reader: Reader, phrases: Phrases) {
  const day = (instant: string) => dayIn(reader.language, reader.zone ?? 'UTC', new Date(instant))
  return {
    ...(start && zone && { when: whenOf(start, zone, reader, phrases) }),
    ...(mode && { where: whereOf({ mode, ...(place && { place }) }, reader, phrases) }),
    ...(answerBy && zone && { until: whenOf(answerBy, zone, reader, phrases) }),
    ...(createdAt && { created: day(createdAt) }),
    ...(dueAt && { due: day(dueAt) }),
  }
}

/** By the clock where it is, saying whose that is; and by the reader's own where that shows another time. */
function whenOf(instant: string, zone: string, { language, zone: own, brief }: Reader, phrases: Phrases): string {
  const at = new Date(instant)
  const clock = brief ? briefTimeIn : timeIn
  const there = { time: clock(language, zone, at), zone: zoneIn(language, zone, at) }
  const here = own ? clock(language, own, at) : there.time
  if (!own || here === there.time) return formatMessage(phrases.when, language, there)
  return formatMessage(phrases['when-both'], language, { ...there, own: here, ownZone: zoneIn(language, own, at) })
}

function whereOf(
  { mode, place }: Pick<AppointmentParams, 'mode' | 'place'>,
  { language }: Reader,
  phrases: Phrases,
): string {
  const how = mode === 'video' || mode === 'phone' ? mode : place === undefined ? 'nowhere' : 'place'
  return formatMessage(phrases.where, language, { how, place: isolated(place ?? '', language) })
}

const listOf = (visits: AppointmentsParams['visits'], reader: Reader, phrases: Phrases): string =>
  visits.map((visit) => formatMessage(phrases.visit, reader.language, argumentsOf(visit, reader, phrases))).join('\n')

/** When and where, where with whom is said once for all. */
const lineOf = (visit: AppointmentParams, reader: Reader, phrases: Phrases): string =>
  `- ${whenOf(visit.start, visit.zone, reader, phrases)}${whereOf(visit, reader, phrases)}`

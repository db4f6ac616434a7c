import { textOf } from '#fhir/documents/narrative.ts'
import { formatMessage } from '#platform/message-format.ts'
import { dateIn } from '../printing/lay-out.ts'
import type { Term } from '../printing/printed-document.ts'
import type { Said } from './facts.ts'
import { catalogueOf } from './words/catalogues.ts'

/** What a sick note says, in a language. */
export function leaveIn(
  language: string,
  { from, until, workCapacity: percent, diagnosis }: NonNullable<Said['leave']>,
): Term[] {
  const { leave } = catalogueOf(language)
  return [
    { term: leave.from, value: dateIn(language, from) },
    { term: leave.until, value: dateIn(language, until) },
    { term: leave.capacity, value: percent === 0 ? leave.unable : formatMessage(leave.able, language, { percent }) },
    ...(diagnosis ? [{ term: leave.diagnosis, value: textOf(diagnosis) }] : []),
  ]
}

import type { Context } from '#platform/context.ts'
import type { Arguments } from '#platform/message-format.ts'
import { wordingsOf } from './queries/wordings.ts'
import { phrase, render } from './render.ts'
import type { NotificationsTables } from './tables.ts'
import { type Kept, versionOf } from './words/catalogues.ts'
import type { Phrase, Wording } from './words/words.ts'

/** What was said to somebody, as it is kept. */
export interface Told {
  template: string
  params: object
  language: string
  wording: string | null
  zone: string | null
}

export interface Shown extends Required<Wording> {
  /** What went round it. */
  phrase(id: Phrase, values: Arguments): string
}

/** Shows what was told in the words in which it was, of which few are not today's. */
export async function inKeptWords(
  { db, log }: Pick<Context<NotificationsTables>, 'db' | 'log'>,
  told: readonly Told[],
): Promise<(told: Told) => Shown> {
  const older = told.flatMap(({ template, language, wording }) =>
    wording === null || versionOf(template, language)?.version === wording ? [] : [wording],
  )
  const kept: ReadonlyMap<string, Kept> = await wordingsOf(db, [...new Set(older)])
  return ({ template, params, wording, language, zone }) => {
    const words = kept.get(wording ?? '')
    return {
      ...orName(log, template, () => render(template, params, { language, zone }, words)),
      phrase: (id, values) => phrase(id, language, values, words),
    }
  }
}

/** One that cannot be shown must not hide the others: its name stands for it, as where there are no words any more. */
function orName(log: Context['log'], template: string, say: () => Required<Wording>): Required<Wording> {
  try {
    return say()
  } catch (error) {
    log.error({ err: error, template }, 'a message could not be shown')
    return { title: template, text: '', mail: '', short: template }
  }
}

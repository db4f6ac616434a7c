import type { Static } from 'typebox'
import type { Context } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { directionOf, languages, readIn } from '#platform/language.ts'
import { categoryOf } from './categories.ts'
import type { Channel } from './channels.ts'
import type { MessageTemplate, MessageTemplatePreview } from './contract/templates.ts'
import { phrase, render } from './render.ts'
import { bodyOf } from './sending/mail-body.ts'
import { withinSegments } from './sms/prepare.ts'
import { segmentsOf } from './sms/segments.ts'
import type { NotificationsTables } from './tables.ts'
import { catalogues, versionOf } from './words/catalogues.ts'
import { sample } from './words/sample.ts'
import type { Wording } from './words/words.ts'

export const listTemplates = (): { items: Static<typeof MessageTemplate>[] } => ({
  items: Object.keys(catalogues.en.messages).map((template) => ({
    template,
    category: categoryOf(template),
    versions: languages.flatMap((language) => {
      const version = versionOf(template, language)?.version
      return version === undefined ? [] : [{ language, direction: directionOf(language), version }]
    }),
  })),
})

interface Wish {
  language?: string
  channel?: Channel | 'app'
}

/** By the same way as what is sent, with names of nobody. */
export function preview(
  { config }: Context<NotificationsTables>,
  template: string,
  { language: asked, channel = 'app' }: Wish,
): Static<typeof MessageTemplatePreview> {
  const tag = readIn(asked, config.DEFAULT_LANGUAGE)
  const version = versionOf(template, tag)
  if (!version) throw new Problem('not-found', 'There is no such message. GET /v1/message-templates lists them.')
  const { language } = version
  return {
    ...{ template, language: tag, direction: directionOf(language), version: version.version },
    ...shown(render(template, sample(), { language: tag }), channel, { tag, url: config.PUBLIC_URL }),
  }
}

function shown(
  { title, text, mail, short }: Required<Wording>,
  channel: Channel | 'app',
  { tag, url }: { tag: string; url: string },
) {
  if (channel === 'app') return { title, text }
  if (channel === 'push') return { title, text: short }
  if (channel === 'email') return { title, ...bodyOf(mail, tag, url) }
  const written = withinSegments({ title, short }, phrase('footer.text', tag, { url }))
  return { text: written, segments: segmentsOf(written) }
}

import type { Context } from '#platform/context.ts'
import { accepted, type Language } from '#platform/language.ts'
import type { Exchange } from '#platform/service.ts'

/** What whoever asks prefers, and the house writes; else what this installation speaks. */
export const languageFor = ({ config }: Pick<Context, 'config'>, { request }: Exchange): Language =>
  accepted(request.headers['accept-language']) ?? config.DEFAULT_LANGUAGE

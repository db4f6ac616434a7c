import type { Static } from 'typebox'
import type { Context } from '#platform/context.ts'
import type { Exchange } from '#platform/service.ts'
import type { readReport } from '../contract.ts'
import { PAGE, PDF, preferred, printedAnswer, sent } from '../printing/printed-answer.ts'
import type { Made } from './facts.ts'
import { givenAway } from './given-away.ts'
import { languageFor } from './make-report.ts'
import { printed } from './print-report.ts'
import { read, shown } from './read-report.ts'

const FHIR = 'application/fhir+json'

/** What it is, the document, a page or a PDF. */
export async function answerWith<T>(
  ctx: Context<T>,
  id: string,
  { version, paper = 'a4' }: Static<typeof readReport.query>,
  { request, reply }: Exchange,
): Promise<Made> {
  const whole = await read(ctx, id, version)
  const type = preferred(request.headers.accept, [FHIR, PAGE, PDF])
  reply.header('vary', 'Accept, Accept-Language').header('etag', `"${whole.facts.version}"`)
  if (type === FHIR) {
    reply.type(FHIR)
    return sent(JSON.stringify(givenAway(whole.document, whole.facts.kind)))
  }
  if (type !== PAGE && type !== PDF) return shown(whole)
  const document = printed(whole, { language: languageFor(ctx, request.headers), at: ctx.now() })
  return printedAnswer(reply, document, { type, paper, name: `report-${whole.facts.report}` })
}

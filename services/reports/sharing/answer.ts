import type { Static } from 'typebox'
import type { Context } from '#platform/context.ts'
import type { Exchange } from '#platform/service.ts'
import type { listHealthCards } from '../contract/sharing.ts'
import { languageFor } from '../documents/make-report.ts'
import { qrText } from '../health-cards/qr-code.ts'
import { PAGE, PDF, preferred, printedAnswer } from '../printing/printed-answer.ts'
import type { ReportsTables } from '../tables.ts'
import { fitsQr, issue, typesOf } from './issue-cards.ts'
import { printedCard } from './print-card.ts'

/** All of them, or one on paper. */
export async function answerWith(
  ctx: Context<ReportsTables>,
  patient: string,
  { of = 'immunizations', card = 1, paper = 'a4' }: Static<typeof listHealthCards.query>,
  { request, reply }: Exchange,
): Promise<Static<typeof listHealthCards.response>> {
  const issued = await issue(ctx, { patient, types: typesOf(of) })
  const type = preferred(request.headers.accept, [PAGE, PDF])
  reply.header('vary', 'Accept, Accept-Language')
  if (type === PAGE || type === PDF) {
    const document = printedCard(issued, card, ctx, languageFor(ctx, request.headers))
    return printedAnswer(reply, document, { type, paper, name: 'health-card' })
  }
  const { cards, leftOut, more } = issued
  return { cards: cards.map(({ jws }) => ({ jws, ...(fitsQr(jws) && { qr: qrText(jws) }) })), leftOut, more }
}

import type { Static } from 'typebox'
import type { Context } from '#platform/context.ts'
import type { Exchange } from '#platform/service.ts'
import type { readReport } from '../contract.ts'
import { toHtml } from '../printing/to-html.ts'
import { toPdf } from '../printing/to-pdf.ts'
import type { Made } from './facts.ts'
import { languageFor } from './make-report.ts'
import { printed } from './print-report.ts'
import { read, shown } from './read-report.ts'

const PAGE = 'text/html'
const PDF = 'application/pdf'
const FHIR = 'application/fhir+json'
const OFFERED = ['application/json', FHIR, PAGE, PDF]

/** As Accept prefers it (RFC 9110 §12.5.1), JSON where it says nothing that is here. */
function preferred(accept: string | undefined): string {
  const ranges = (accept ?? '')
    .slice(0, 500)
    .split(',')
    .map((range) => {
      const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase())
      const quality = Number(parameters.find((one) => one.startsWith('q='))?.slice(2) ?? 1)
      return { type, quality: Number.isFinite(quality) ? quality : 0 }
    })
  const known = ranges.filter(({ type, quality }) => OFFERED.includes(type) && quality > 0)
  return known.toSorted((a, b) => b.quality - a.quality)[0]?.type ?? 'application/json'
}

/** What it is, the document, a page or a PDF. */
export async function answerWith<T>(
  ctx: Context<T>,
  id: string,
  { version, paper = 'a4' }: Static<typeof readReport.query>,
  { request, reply }: Exchange,
): Promise<Made> {
  const whole = await read(ctx, id, version)
  const type = preferred(request.headers.accept)
  const language = languageFor(ctx, request.headers)
  reply.header('vary', 'Accept, Accept-Language').header('etag', `"${whole.facts.version}"`)
  if (type === FHIR) return sent(JSON.stringify(whole.document), reply.type(FHIR))
  const asPrinted = () => printed(whole, { language, at: ctx.now() })
  if (type === PAGE || type === PDF) reply.header('content-language', language)
  if (type === PAGE)
    return sent(toHtml(asPrinted()), reply.type(`${PAGE}; charset=utf-8`).header('content-security-policy', POLICY))
  if (type === PDF) {
    const name = `attachment; filename="report-${whole.facts.report}.pdf"`
    return sent(await toPdf(asPrinted(), paper), reply.type(PDF).header('content-disposition', name))
  }
  return shown(whole)
}

/** It is a page of text in its own colours, and does nothing. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"

/** Fastify sends what the handler returns, as what its head says that it is. */
const sent = (content: string | Buffer, _head: Exchange['reply']) => content as unknown as Made

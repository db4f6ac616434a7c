import type { Exchange } from '#platform/service.ts'
import type { Paper, PrintedDocument } from './printed-document.ts'
import { toHtml } from './to-html.ts'
import { toPdf } from './to-pdf.ts'

export const PAGE = 'text/html'
export const PDF = 'application/pdf'
const JSON_TYPE = 'application/json'

/** As Accept prefers it (RFC 9110 §12.5.1), JSON where it says nothing that is offered beside that. */
export function preferred(accept: string | undefined, offered: readonly string[]): string {
  const ranges = (accept ?? '')
    .slice(0, 500)
    .split(',')
    .map((range) => {
      const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase())
      const quality = Number(parameters.find((one) => one.startsWith('q='))?.slice(2) ?? 1)
      return { type, quality: Number.isFinite(quality) ? quality : 0 }
    })
  const known = ranges.filter(({ type, quality }) => [JSON_TYPE, ...offered].includes(type) && quality > 0)
  return known.toSorted((a, b) => b.quality - a.quality)[0]?.type ?? JSON_TYPE
}

/** It is a page of text in its own colours, and does nothing. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"

/** A page or a PDF, for a handler to return. `name`: of the file. */
export async function printedAnswer<R>(
  reply: Exchange['reply'],
  document: PrintedDocument,
  { type, paper, name }: { type: string; paper: Paper; name: string },
): Promise<R> {
  reply.header('content-language', document.language)
  if (type === PAGE) {
    reply.type(`${PAGE}; charset=utf-8`).header('content-security-policy', POLICY)
    return sent(toHtml(document))
  }
  const content = await toPdf(document, paper)
  reply.type(PDF).header('content-disposition', `attachment; filename="${name}.pdf"`)
  return sent(content)
}

/** Fastify sends what the handler returns, as what its head says that it is. */
export const sent = <R>(content: string | Buffer): R => content as unknown as R

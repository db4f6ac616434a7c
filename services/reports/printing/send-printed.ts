import type { Exchange } from '#platform/service.ts'
import type { Paper, PrintedDocument } from './printed-document.ts'
import { toHtml } from './to-html.ts'
import { toPdf } from './to-pdf.ts'

/** A page runs nothing and loads nothing; a PDF is a file. */
export async function sendPrinted(
  reply: Exchange['reply'],
  document: PrintedDocument,
  { format, paper, name }: { format: 'pdf' | 'html'; paper: Paper; name: string },
): Promise<void> {
  const isPage = format === 'html'
  const content = isPage ? toHtml(document) : await toPdf(document, paper)
  reply
    .headers({
      ...{ 'cache-control': 'no-store', 'content-language': document.language },
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; sandbox",
      'content-disposition': isPage ? 'inline' : `attachment; filename="${name}.pdf"`,
    })
    .type(isPage ? 'text/html; charset=utf-8' : 'application/pdf')
    .send(content)
}

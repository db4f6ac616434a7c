import { escapeHtml } from '#platform/documents.ts'
import { type Layout, layOut } from './lay-out.ts'
import type { Block, PrintedDocument, Term } from './printed-document.ts'

/** A whole page, for screens and printers, that needs nothing from elsewhere and runs nothing. */
export function toHtml(document: PrintedDocument): string {
  const layout = layOut(document)
  const { language, direction, title, about, issued, warnings, amended, sections, signed, code, id } = layout
  return `<!doctype html>
<html lang="${language}" dir="${direction}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<header>
${warnings.map(boxOf).join('\n')}
<h1>${escapeHtml(title)}</h1>
${issued.organisation.length > 0 ? `<p>${issued.organisation.map(escapeHtml).join('<br>')}</p>` : ''}
<h2>${escapeHtml(about.name)}</h2>
${termsOf([...about.facts, ...issued.facts])}
${amended ? boxOf(amended) : ''}
</header>
${sections.map((one) => sectionOf(one, language)).join('\n')}
<footer>
${signed.map((line) => `<p>${escapeHtml(line)}</p>`).join('\n')}
${code ? codeOf(code) : ''}
<p>${escapeHtml(`${issued.line} · ${id}`)}</p>
</footer>
</main>
</body>
</html>
`
}

/** What a section says, as the narrative of a FHIR resource (hl7.org/fhir/R4/narrative.html). */
export function narrativeOf(language: string, blocks: readonly Block[]): string {
  if (blocks.length === 0) throw new Error('A narrative says something')
  const { direction, sections } = layOut({ ...NOTHING, language, sections: [{ heading: 'Narrative', blocks }] })
  const inner = (sections[0]?.blocks ?? []).map(blockOf).join('')
  return `<div xmlns="http://www.w3.org/1999/xhtml" lang="${escapeHtml(language)}" dir="${direction}">${inner}</div>`
}

const NOTHING = {
  ...{ id: '', title: 'Narrative', version: 1, about: { name: '' } },
  issued: { at: new Date(0), zone: 'UTC', by: [] },
}

const boxOf = ({ title, text }: Layout['warnings'][number]) =>
  `<p class="amended"><strong>${escapeHtml(title)}</strong>${text === '' ? '' : `<br>${linesOf(text)}`}</p>`

function sectionOf({ heading, isWarning, written, blocks }: Layout['sections'][number], language: string): string {
  const inner = blocks.map(blockOf).join('')
  const own =
    written.language === language ? inner : `<div lang="${written.language}" dir="${written.direction}">${inner}</div>`
  return `<section${isWarning ? ' class="warning"' : ''}><h2>${escapeHtml(heading)}</h2>${own}</section>`
}

function blockOf(block: Block): string {
  switch (block.kind) {
    case 'list':
      return `<ul>${block.items.map((one) => `<li>${linesOf(one)}</li>`).join('')}</ul>`
    case 'terms':
      return termsOf(block.terms)
    case 'table':
      return tableOf(block)
    default:
      return block.kind === 'none' ? `<p><em>${linesOf(block.text)}</em></p>` : `<p>${linesOf(block.text)}</p>`
  }
}

const tableOf = ({ columns, rows }: Block & { kind: 'table' }) => {
  const head = columns.map((one) => `<th scope="col">${escapeHtml(one)}</th>`).join('')
  const body = rows.map(([first = '', ...others]) => {
    const cells = others.map((one) => `<td>${linesOf(one)}</td>`)
    return `<tr><th scope="row">${linesOf(first)}</th>${cells.join('')}</tr>`
  })
  return `<table><thead><tr>${head}</tr></thead><tbody>${body.join('')}</tbody></table>`
}

const termsOf = (terms: readonly Term[]) =>
  `<dl>${terms.map(({ term, value }) => `<dt>${escapeHtml(term)}</dt><dd>${linesOf(value)}</dd>`).join('')}</dl>`

const codeOf = ({ svg, alt, caption, millimetres }: NonNullable<Layout['code']>) =>
  `<figure>${svg.replace('<svg ', `<svg role="img" aria-label="${escapeHtml(alt)}" width="${millimetres}mm" height="${millimetres}mm" `)}<figcaption>${linesOf(caption)}</figcaption></figure>`

const linesOf = (text: string) => text.split('\n').map(escapeHtml).join('<br/>')

const STYLE = `
body{margin:0;color:#1a1a1a;background:#fff;font:1rem/1.5 "Noto Sans",system-ui,sans-serif}
main{max-width:46rem;margin:0 auto;padding:1.5rem}
h1{margin:0;font-size:1.9rem}h2{margin:1.6rem 0 .5rem;font-size:1.25rem}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.25rem 1.2rem;margin:0}dt{color:#555}dd{margin:0}
table{width:100%;border-collapse:collapse}th,td{padding:.4rem .3rem;text-align:start;vertical-align:top;border-bottom:1px solid #c4c4c4}
thead th{border-bottom:2px solid #1a1a1a}tbody th{font-weight:normal}
.warning{border-inline-start:.25rem solid #a30000;padding-inline-start:1rem}.warning h2,.amended strong{color:#a30000}
.amended{border:2px solid #a30000;padding:.6rem .8rem}
footer{margin-top:2rem;border-top:1px solid #c4c4c4;color:#555}figure{margin:1rem 0}
@media print{main{padding:0}section,tr,figure{break-inside:avoid}}`

import { promisify } from 'node:util'
import { type AsyncZippable, strToU8, zip } from 'fflate'
import { escapeHtml } from '#platform/documents.ts'
import type { AboutPerson } from '#platform/person.ts'

// What a person is given: for programs (JSON), for other health services (FHIR R4), and for reading (HTML without script).

/** Of what people sent in. */
export const FOLDER = 'files/'

type Parts = ReadonlyMap<string, AboutPerson>
type Row = Record<string, unknown>

/** One ZIP file with all three, and the files that people sent in, by their names; those are packed as tightly as they can be. */
export async function packageOf(parts: Parts, sent: ReadonlyMap<string, Buffer>, now: Date): Promise<Buffer> {
  const data = Object.fromEntries([...parts].map(([room, part]) => [room, part.data]))
  const files: AsyncZippable = {
    'index.html': strToU8(pageOf(parts, now)),
    'everything.json': strToU8(JSON.stringify({ madeAt: now.toISOString(), ...data }, null, 2)),
    'fhir-r4-bundle.json': strToU8(JSON.stringify(bundleOf(parts, now), null, 2)),
    ...Object.fromEntries([...sent].map(([name, content]) => [name, [content, { level: 0 }] as const])),
  }
  return Buffer.from(await promisify<AsyncZippable, { mtime: Date }, Uint8Array>(zip)(files, { mtime: now }))
}

export const bundleOf = (parts: Parts, now: Date) => ({
  resourceType: 'Bundle',
  type: 'collection',
  timestamp: now.toISOString(),
  entry: [...parts.values()].flatMap(({ fhir }) =>
    fhir.map((resource) => ({ fullUrl: `urn:uuid:${resource.id}`, resource })),
  ),
})

export function pageOf(parts: Parts, now: Date): string {
  const sections = [...parts.values()].flatMap(({ data }) => Object.entries(data)).filter(([, rows]) => rows.length > 0)
  const links = sections.map(([title], i) => `<li><a href="#part-${i}">${escapeHtml(title)}</a></li>`)
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Everything about you</title><style>${STYLE}</style></head>
<body><main><h1>Everything about you</h1>
<p>What this service knows of you, as of ${escapeHtml(now.toUTCString())}. The same is in everything.json for programs, and in
fhir-r4-bundle.json for other health services. Numbers of your papers are shown by their ends. Keep this file where only you can open it.</p>
<nav aria-label="Contents"><ul>${links.join('')}</ul></nav>
${sections.map(([title, rows], i) => sectionOf(title, rows, `part-${i}`)).join('\n')}
</main></body></html>
`
}

function sectionOf(title: string, rows: Row[], id: string): string {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  const head = columns.map((name) => `<th scope="col">${escapeHtml(name.replaceAll('_', ' '))}</th>`).join('')
  const body = rows.map(
    (row) => `<tr>${columns.map((name) => `<td dir="auto">${cellOf(name, row[name])}</td>`).join('')}</tr>`,
  )
  return `<section aria-labelledby="${id}"><h2 id="${id}">${escapeHtml(title)}</h2>
<div tabindex="0" role="region" aria-labelledby="${id}"><table><thead><tr>${head}</tr></thead><tbody>${body.join('\n')}</tbody></table></div></section>`
}

/** A file lies beside the page. */
const cellOf = (name: string, value: unknown): string =>
  name === 'file' && typeof value === 'string' && value.startsWith(FOLDER)
    ? `<a href="${escapeHtml(value)}">${escapeHtml(value)}</a>`
    : textOf(value)

function textOf(value: unknown): string {
  if (value === null || value === undefined) return '—'
  if (value instanceof Date) return escapeHtml(value.toISOString())
  if (Array.isArray(value) && value.every((one) => typeof one === 'string')) return escapeHtml(value.join(', '))
  return escapeHtml(typeof value === 'object' ? JSON.stringify(value) : String(value))
}

const STYLE = `:root{color-scheme:light dark;font:1rem/1.5 system-ui,sans-serif}body{margin:0;background:Canvas;color:CanvasText}
main{max-width:70rem;margin:0 auto;padding:2rem 1rem}div{overflow-x:auto}table{border-collapse:collapse}
th,td{text-align:start;vertical-align:top;padding:.3rem .6rem;border:1px solid GrayText}a{color:LinkText}`

import { create } from 'qrcode'
import type { Code } from './printed-document.ts'

/** A QR code as a picture: SVG, black on white. */
export interface CodeImage extends Omit<Code, 'data'> {
  svg: string
  /** Its side, so that a telephone reads it from paper: no module below half a millimetre. */
  millimetres: number
}

/** ISO/IEC 18004 §5.3.8: so many modules around it stay white. */
const QUIET = 4
const MODULE_MM = 0.5
const LEAST_MM = 30

/** What a SMART Health Card holds is figures, which take half the room as such (spec.smarthealth.cards/#encoding-chunks-as-qr-codes). */
export function imageOf({ data, alt, caption }: Code): CodeImage {
  const [, card, figures] = /^(shc:\/)(\d+)$/.exec(data) ?? []
  const segments =
    card && figures
      ? [
          { data: Buffer.from(card), mode: 'byte' as const },
          { data: figures, mode: 'numeric' as const },
        ]
      : data
  const { modules } = create(segments, { errorCorrectionLevel: card ? 'L' : 'M' })
  const side = modules.size + 2 * QUIET
  const dark = Array.from(modules.data, (isDark, n) =>
    isDark ? `M${(n % modules.size) + QUIET} ${Math.floor(n / modules.size) + QUIET}h1v1h-1z` : '',
  )
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${side} ${side}" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h${side}v${side}H0z"/><path fill="#000" d="${dark.join('')}"/></svg>`
  return { svg, alt, caption, millimetres: Math.max(LEAST_MM, Math.ceil(side * MODULE_MM)) }
}

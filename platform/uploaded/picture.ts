import { Problem } from '../errors.ts'
import { checkedType } from './media-type.ts'

/** A telephone's camera takes 12 million; this is what unpacks into 100 MB, and no more than one picture's worth of memory. */
const MOST_PIXELS = 25_000_000
/** Nobody looks at a profile picture any larger. */
const LARGEST_SIDE = 2_048

const refused = (detail: string) =>
  new Problem('business-rule', `The picture cannot be taken: it ${detail}. Send another one.`, {
    errors: [{ pointer: '/body', detail }],
  })

/**
 * A picture as it is kept: drawn anew from its points, the right way up, so that nothing else of the file is left — not where and when it was
 * taken, not a thumbnail of what was cut off, and nothing that was hidden behind or in it. The size is read from the header before anything is
 * unpacked: a file of a few kilobytes can claim to be gigabytes.
 */
export async function asKept(content: Buffer, header: string): Promise<{ content: Buffer; type: string }> {
  const type = await checkedType(content, header)
  const { width, height } = await sizeOf(content)
  if (width * height > MOST_PIXELS) throw refused(`has more than ${MOST_PIXELS / 1_000_000} million points`)
  const { Transformer } = await import('@napi-rs/image')
  try {
    const picture = new Transformer(content).rotate()
    if (Math.max(width, height) > LARGEST_SIDE) picture.resize({ width: LARGEST_SIDE, height: LARGEST_SIDE, fit: 2 })
    if (type === 'image/png') return { content: await picture.png(), type }
    if (type === 'image/webp') return { content: await picture.webp(85), type }
    return { content: await picture.jpeg(85), type }
  } catch {
    throw refused('is damaged')
  }
}

async function sizeOf(content: Buffer): Promise<{ width: number; height: number }> {
  const { imageSize } = await import('image-size')
  try {
    const { width, height } = imageSize(content)
    if (width > 0 && height > 0) return { width, height }
  } catch {
    // said below
  }
  throw refused('does not say how large it is')
}

/**
 * The characters that a TrueType font can show, by its table `cmap` (OpenType 1.9, formats 4 and 12). PDF/UA refuses a text that its font cannot show, so what no font here
 * has is known before.
 */
export function coverageOf(font: Buffer): Set<number> {
  const covered = new Set<number>()
  const cmap = tableAt(font, 'cmap')
  for (let n = 0; n < font.readUInt16BE(cmap + 2); n++) {
    const at = cmap + font.readUInt32BE(cmap + 4 + n * 8 + 4)
    const format = font.readUInt16BE(at)
    if (format === 4) addSegments(font, at, covered)
    if (format === 12) addGroups(font, at, covered)
  }
  return covered
}

function tableAt(font: Buffer, name: string): number {
  for (let n = 0; n < font.readUInt16BE(4); n++) {
    const at = 12 + n * 16
    if (font.toString('latin1', at, at + 4) === name) return font.readUInt32BE(at + 8)
  }
  throw new Error(`The font has no table ${name}`)
}

function addSegments(font: Buffer, at: number, covered: Set<number>): void {
  const segments = font.readUInt16BE(at + 6) / 2
  const [ends, starts, deltas, offsets] = [14, 16 + segments * 2, 16 + segments * 4, 16 + segments * 6].map(
    (more) => at + more,
  ) as [number, number, number, number]
  for (let n = 0; n < segments; n++) {
    const [start, end] = [font.readUInt16BE(starts + n * 2), font.readUInt16BE(ends + n * 2)]
    const [delta, offset] = [font.readUInt16BE(deltas + n * 2), font.readUInt16BE(offsets + n * 2)]
    for (let character = start; character <= end && character !== 0xffff; character++) {
      const glyph =
        offset === 0 ? character + delta : font.readUInt16BE(offsets + n * 2 + offset + (character - start) * 2)
      if ((glyph & 0xffff) !== 0) covered.add(character)
    }
  }
}

function addGroups(font: Buffer, at: number, covered: Set<number>): void {
  for (let n = 0; n < font.readUInt32BE(at + 12); n++) {
    const group = at + 16 + n * 12
    for (let character = font.readUInt32BE(group); character <= font.readUInt32BE(group + 4); character++)
      covered.add(character)
  }
}

// Cedar counts bytes of UTF-8, everything else here counts UTF-16 code units.

/** The code unit offset of a byte offset. Inside a character: the character's start. Beyond the text: its end. */
export function utf16Offset(text: string, byteOffset: number): number {
  let bytes = 0
  let units = 0
  for (const character of text) {
    bytes += byteLength(character)
    if (bytes > byteOffset) return units
    units += character.length
  }
  return units
}

function byteLength(character: string): number {
  const point = character.codePointAt(0) ?? 0
  if (point < 0x80) return 1
  if (point < 0x800) return 2
  return point < 0x1_0000 ? 3 : 4
}

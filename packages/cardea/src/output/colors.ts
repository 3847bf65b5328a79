// Colour on a terminal, plain text otherwise. NO_COLOR and FORCE_COLOR are honoured.

import type { WriteStream } from 'node:tty'
import picocolors from 'picocolors'

export type Colors = ReturnType<typeof picocolors.createColors>

export function colors(stream: Partial<Pick<WriteStream, 'isTTY'>> = process.stdout): Colors {
  const isOff = process.env['NO_COLOR'] !== undefined || process.env['FORCE_COLOR'] === '0'
  const forced = process.env['FORCE_COLOR'] !== undefined && process.env['FORCE_COLOR'] !== '0'
  // a stream that is no terminal says nothing at all, and nothing would mean the library's own guess
  return picocolors.createColors(forced || (stream.isTTY === true && !isOff))
}

// Colour on a terminal, plain text otherwise. NO_COLOR and FORCE_COLOR are honoured.

import type { WriteStream } from 'node:tty'
import picocolors from 'picocolors'

export type Colors = ReturnType<typeof picocolors.createColors>

export function colors(stream: Pick<WriteStream, 'isTTY'> = process.stdout): Colors {
  const forced = process.env['FORCE_COLOR'] !== undefined && process.env['FORCE_COLOR'] !== '0'
  return picocolors.createColors(forced || (stream.isTTY && process.env['NO_COLOR'] === undefined))
}

// The one comparison whose time says nothing about where two texts differ.

import { timingSafeEqual } from 'node:crypto'

/** Whether two texts are the same. Their lengths are no secret. */
export function isEqualText(a: string, b: string): boolean {
  const left = Buffer.from(a)
  const right = Buffer.from(b)
  return left.length === right.length && timingSafeEqual(left, right)
}

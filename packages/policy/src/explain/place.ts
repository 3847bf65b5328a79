// Where in the policies: a span, with line and column when its text is at hand.

import { positionOf } from '../syntax/position.ts'
import type { Span } from '../syntax/tree.ts'
import type { Inquiry } from './candidates.ts'
import type { Place } from './explanation.ts'

/** What the parts of an explanation are made with. */
export interface Explaining extends Inquiry {
  /** Texts by file name. */
  readonly sources: ReadonlyMap<string, string>
}

export function placeOf({ file, start, end }: Span, sources: ReadonlyMap<string, string>): Place {
  const source = sources.get(file)
  return source === undefined ? { file, start, end } : { file, start, end, ...positionOf(source, start) }
}

// A predicate as text: a flat list of pieces in which `and` and `or` have become words and parentheses.
// A long chain is written as a balanced tree of parentheses, because databases bound the depth of an expression
// (SQLite: 1 000, sqlite.org/limits.html) and read a chain as one level for each term.

import { DataError } from '../errors.ts'
import type { Piece, Predicate } from './fragment.ts'

/** More fragments than this are refused: a query of this size helps nobody. */
const MAX_PREDICATE_SIZE = 2000
const MAX_CHAIN = 50

/** The predicate in order of writing. Errors: `ERR_DATA_SIZE`. */
export function piecesOf(predicate: Predicate): Piece[] {
  if (predicate.size > MAX_PREDICATE_SIZE) {
    throw new DataError('ERR_DATA_SIZE', `the filter has more than ${MAX_PREDICATE_SIZE} conditions`)
  }
  const pieces: Piece[] = []
  write(predicate, 'top', pieces)
  return pieces
}

function write(predicate: Predicate, inside: 'top' | 'and' | 'or', pieces: Piece[]): void {
  switch (predicate.kind) {
    case 'constant':
      pieces.push(predicate.value ? '1 = 1' : '1 = 0')
      return
    case 'test':
      pieces.push(...predicate.fragment.pieces)
      return
    case 'isNotTrue':
      pieces.push('(')
      write(predicate.of, 'top', pieces)
      pieces.push(') is not true')
      return
    case 'and':
    case 'or':
      writeChain(predicate.kind, predicate.parts, inside, pieces)
      return
    case 'undecided':
      throw new TypeError('a predicate of a policy check has no text')
    default:
      predicate satisfies never
  }
}

function writeChain(
  kind: 'and' | 'or',
  parts: readonly Predicate[],
  inside: 'top' | 'and' | 'or',
  pieces: Piece[],
): void {
  if (parts.length > MAX_CHAIN) {
    const half = Math.ceil(parts.length / 2)
    pieces.push('(')
    writeChain(kind, parts.slice(0, half), 'top', pieces)
    pieces.push(`) ${kind} (`)
    writeChain(kind, parts.slice(half), 'top', pieces)
    pieces.push(')')
    return
  }
  const wrap = inside !== 'top'
  if (wrap) pieces.push('(')
  parts.forEach((part, index) => {
    if (index > 0) pieces.push(` ${kind} `)
    write(part, kind, pieces)
  })
  if (wrap) pieces.push(')')
}

// The brackets that were opened and are not closed yet, in a policy that may have too many or too few of them.

import type { SymbolKind, Token, TokenKind } from './token.ts'

export interface Brackets {
  /** How many are open. */
  readonly depth: number
  readonly innermost: Token | undefined
  isOpen(kind: SymbolKind): boolean
  /** Takes notice of a token. A closing bracket closes also what stands open inside of its own. Cost: constant, over all tokens. */
  pass(token: Token): void
  clear(): void
}

const CLOSING: ReadonlyMap<TokenKind, SymbolKind> = new Map([
  ['(', ')'],
  ['[', ']'],
  ['{', '}'],
])

/** `)` for `(`. */
export function closingOf(kind: TokenKind): SymbolKind | undefined {
  return CLOSING.get(kind)
}

export function createBrackets(): Brackets {
  const open: Token[] = []
  // by the bracket that closes it, so that one that closes nothing is known without a search
  const counts = new Map<TokenKind, number>()
  const count = (kind: TokenKind, change: number): void => void counts.set(kind, (counts.get(kind) ?? 0) + change)
  return {
    get depth() {
      return open.length
    },
    get innermost() {
      return open.at(-1)
    },
    isOpen: (kind) => (counts.get(CLOSING.get(kind) ?? 'end') ?? 0) > 0,
    pass(token) {
      const closing = CLOSING.get(token.kind)
      if (closing !== undefined) {
        open.push(token)
        count(closing, 1)
      } else if ((counts.get(token.kind) ?? 0) > 0) {
        for (let last = open.pop(); last !== undefined; last = open.pop()) {
          const kind = CLOSING.get(last.kind) ?? 'end'
          count(kind, -1)
          if (kind === token.kind) break
        }
      }
    },
    clear() {
      open.length = 0
      counts.clear()
    },
  }
}

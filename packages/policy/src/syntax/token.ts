// The tokens of Cedar. Positions are UTF-16 offsets.
// Cedar reference: docs.cedarpolicy.com/policies/syntax-grammar.html

/** Of two that fit, the tokenizer takes the longer. */
export const SYMBOLS = [
  '==',
  '!=',
  '<=',
  '>=',
  '&&',
  '||',
  '::',
  '<',
  '>',
  '=',
  '!',
  '+',
  '-',
  '*',
  '/',
  '%',
  '(',
  ')',
  '{',
  '}',
  '[',
  ']',
  '.',
  ',',
  ';',
  ':',
  '@',
] as const

export type SymbolKind = (typeof SYMBOLS)[number]

/** Keywords are identifiers: which of them are reserved depends on the place. */
export type TokenKind = SymbolKind | 'identifier' | 'number' | 'string' | 'slot' | 'invalid' | 'end'

/** `text` is the source as written: a string's quotes and escapes included. `invalid` has been reported already. */
export interface Token {
  readonly kind: TokenKind
  readonly text: string
  readonly start: number
  readonly end: number
}

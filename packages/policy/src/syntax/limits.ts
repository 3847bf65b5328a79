// How large a policy text may be. Policy text may come from a tenant, so every bound is data and has a code.

/** Bounds on one text. What exceeds one is a problem with a code `ERR_POLICY_SYNTAX_LIMIT_...`, never a crash. */
export interface SyntaxLimits {
  /** UTF-8 bytes of the whole text. */
  readonly textBytes: number
  readonly tokens: number
  readonly policies: number
  /** Expressions inside expressions as written: parentheses, brackets, braces, arguments and `if`. */
  readonly nesting: number
  /** Height of an expression's tree, which chains like `a && b && c` raise without nesting. */
  readonly height: number
  /** UTF-16 code units of one string literal. */
  readonly stringLength: number
  /** Problems that are collected before the parser gives up. */
  readonly problems: number
}

/** Room for ten thousand policies of usual size, and a tree that every later stage may walk by recursion. */
export const SYNTAX_LIMITS: SyntaxLimits = {
  textBytes: 8 * 1024 * 1024,
  tokens: 2_000_000,
  policies: 50_000,
  nesting: 64,
  height: 1000,
  stringLength: 65_536,
  problems: 200,
}

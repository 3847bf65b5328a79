// The words of the language: identifiers, reserved words, variables, functions and methods.
// Cedar reference: docs.cedarpolicy.com/policies/syntax-grammar.html, docs.cedarpolicy.com/policies/syntax-operators.html

import type { Binary, ExtensionConstructor, ExtensionMethod, Unary, VariableName } from './tree.ts'

/** Words that can name nothing: no type, namespace, attribute (`.if`) or record key. As a string key they are fine. */
export const RESERVED_WORDS: ReadonlySet<string> = new Set([
  'if',
  'then',
  'else',
  'true',
  'false',
  'in',
  'is',
  'has',
  'like',
  '__cedar',
])

/** True when the text can stand where the grammar wants an identifier as a name. */
export function isName(text: string): boolean {
  return IDENTIFIER.test(text) && !RESERVED_WORDS.has(text)
}

const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]*$/

export const VARIABLES: readonly VariableName[] = ['principal', 'action', 'resource', 'context']

export function isVariable(text: string): text is VariableName {
  return (VARIABLES as readonly string[]).includes(text)
}

const CONSTRUCTORS: { readonly [C in ExtensionConstructor]: true } = {
  ip: true,
  decimal: true,
  datetime: true,
  duration: true,
}

const METHODS: { readonly [M in ExtensionMethod]: true } = {
  isIpv4: true,
  isIpv6: true,
  isLoopback: true,
  isMulticast: true,
  isInRange: true,
  lessThan: true,
  lessThanOrEqual: true,
  greaterThan: true,
  greaterThanOrEqual: true,
  offset: true,
  durationSince: true,
  toDate: true,
  toTime: true,
  toMilliseconds: true,
  toSeconds: true,
  toMinutes: true,
  toHours: true,
  toDays: true,
}

/** Operators that are written as methods, by their number of arguments. The parser checks that number for these alone. */
export type UnaryMethod = Extract<Unary['kind'], 'isEmpty'>
export type BinaryMethod = Extract<Binary['kind'], 'contains' | 'containsAll' | 'containsAny' | 'getTag' | 'hasTag'>

const UNARY_METHODS: { readonly [M in UnaryMethod]: true } = { isEmpty: true }

const BINARY_METHODS: { readonly [M in BinaryMethod]: true } = {
  contains: true,
  containsAll: true,
  containsAny: true,
  getTag: true,
  hasTag: true,
}

export const FUNCTION_NAMES: readonly string[] = Object.keys(CONSTRUCTORS)

export const METHOD_NAMES: readonly string[] = [UNARY_METHODS, BINARY_METHODS, METHODS].flatMap((table) =>
  Object.keys(table),
)

export function isConstructorName(name: string): name is ExtensionConstructor {
  return Object.hasOwn(CONSTRUCTORS, name)
}

export function isExtensionMethod(name: string): name is ExtensionMethod {
  return Object.hasOwn(METHODS, name)
}

export function isUnaryMethod(name: string): name is UnaryMethod {
  return Object.hasOwn(UNARY_METHODS, name)
}

export function isBinaryMethod(name: string): name is BinaryMethod {
  return Object.hasOwn(BINARY_METHODS, name)
}

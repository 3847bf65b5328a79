// JSON texts in which a 64-bit integer keeps its digits. Strict: what JSON cannot say is refused and never left out, as an input that a
// reader takes for another one would get an answer to another question.

import { OpaError } from '../errors.ts'

/** What JSON can say. A `bigint` is printed by its digits; a member that is `undefined` is left out. */
export type Json = boolean | number | bigint | string | null | readonly Json[] | JsonObject
export interface JsonObject {
  readonly [name: string]: Json | undefined
}

const MAX_DEPTH = 200

/** The text. Throws `ERR_OPA_INPUT` for a number that is none, half of a surrogate pair, or nesting deeper than 200. */
export function jsonText(value: unknown): string {
  return print(value, MAX_DEPTH)
}

function print(value: unknown, depth: number): string {
  switch (typeof value) {
    case 'boolean':
    case 'bigint':
      return value.toString()
    case 'number':
      if (!Number.isFinite(value)) throw refused('a number is not finite')
      return JSON.stringify(value)
    case 'string':
      return printText(value)
    case 'object':
      return printNested(value, depth)
    default:
      throw refused('an input holds something that is no JSON')
  }
}

/** Readers make one and the same text of every unpaired surrogate, and two ids must not become one. */
function printText(text: string): string {
  if (!text.isWellFormed()) throw refused('a text has an unpaired surrogate')
  return JSON.stringify(text)
}

function printNested(value: object | null, depth: number): string {
  if (value === null) return 'null'
  if (depth === 0) throw refused(`an input is nested deeper than ${MAX_DEPTH}`)
  if (Array.isArray(value)) return `[${value.map((element: unknown) => print(element, depth - 1)).join(',')}]`
  if (!isPlain(value)) throw refused('an input holds an object of a class')
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .map(([name, member]) => `${printText(name)}:${print(member, depth - 1)}`)
  return `{${members.join(',')}}`
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

function refused(message: string): OpaError {
  return new OpaError('ERR_OPA_INPUT', message)
}

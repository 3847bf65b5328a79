// What a database must be able to say, exactly. A dialect writes the SQL; the translation decides what is asked.
// Every test may be NULL (and then counts as false) when its column is; each pair says "certainly yes" and "certainly no".

import type { Long, PatternPart } from '@cardea/policy'
import type { Column, Fragment, Predicate } from './fragment.ts'

/** When something is true and when it is false. On a row where a column is NULL it may be neither. */
export interface Pair {
  readonly whenTrue: Predicate
  readonly whenFalse: Predicate
}

/** An element of a list column, as JSON holds it. */
export type ListElement = string | Long

export interface Dialect {
  readonly name: string
  quote(identifier: string): string
  placeholder(index: number): string

  isPresent(column: Column): Predicate
  isAbsent(column: Column): Predicate

  isBoolean(column: Column, value: boolean): Predicate
  /** True when the column holds either boolean, and nothing else. */
  isAnyBoolean(column: Column): Predicate

  /** The column is one of the texts, by code points: no collation, no number that looks alike. `texts` is not empty. */
  textIsIn(column: Column, texts: readonly string[]): Pair
  textsAreEqual(left: Column, right: Column): Pair
  /** `undefined` when the pattern has more parts than can be written. */
  textIsLike(column: Column, pattern: readonly PatternPart[]): Pair | undefined

  /** The column is one of the integers. `values` is not empty. */
  longIsIn(column: Column, values: readonly Long[]): Pair
  /** The column as an integer that compares like the value: a Long as itself, a datetime as milliseconds since 1970. */
  integerOf(column: Column, type: 'Long' | 'datetime'): Fragment

  /** True when the column holds a JSON array. */
  isList(column: Column): Predicate
  /** Some element of the list is one of the values. `values` is not empty. */
  listHasAny(column: Column, values: readonly ListElement[]): Pair
  /** Some element of the list is none of the values. */
  listHasOther(column: Column, values: readonly ListElement[]): Pair
}

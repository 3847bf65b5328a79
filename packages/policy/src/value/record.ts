// Builds records. Field names are data: a plain object's own enumerable names are taken, never its prototype's.

import { Fields } from './fields.ts'
import type { RecordValue, Value } from './value.ts'

/** A record of the entries, or of the object's own fields. Of entries with the same name the last one counts. */
export function recordValue(
  entries: Iterable<readonly [string, Value]> | { readonly [name: string]: Value },
): RecordValue {
  return { kind: 'record', fields: fieldMap(entries) }
}

/** The same as a bare map: what attributes, tags and contexts are. The engine reads it faster than a `Map`. */
export function fieldMap(
  entries: Iterable<readonly [string, Value]> | { readonly [name: string]: Value },
): ReadonlyMap<string, Value> {
  if (entries instanceof Fields) return entries
  return Fields.from(isIterable(entries) ? entries : Object.entries(entries))
}

function isIterable(
  entries: Iterable<readonly [string, Value]> | { readonly [name: string]: Value },
): entries is Iterable<readonly [string, Value]> {
  return Symbol.iterator in entries
}

// Equality of values and membership in sets. Equality never errs: values of different kinds are unequal, sets compare
// without order, decimals by value, addresses by family, bits and prefix.
// INVARIANT: a set has no duplicates (`setValue`), so equal sizes and containment in one direction make equal sets.

import { valueKey } from './key.ts'
import type { RecordValue, SetValue, Value } from './value.ts'

/** Sets beyond this size are searched through an index, made when first needed. */
const SCAN_LIMIT = 8

export function valueEquals(left: Value, right: Value): boolean {
  if (left === right) return true
  if (typeof left !== 'object' || typeof right !== 'object') return false
  switch (left.kind) {
    case 'entity':
      return right.kind === 'entity' && left.id === right.id && left.type === right.type
    case 'set':
      return right.kind === 'set' && setEquals(left, right)
    case 'record':
      return right.kind === 'record' && recordEquals(left, right)
    case 'decimal':
      return right.kind === 'decimal' && left.scaled === right.scaled
    case 'ipaddr':
      // addresses of one family are numbers, those of the other are not
      return right.kind === 'ipaddr' && left.prefix === right.prefix && left.address === right.address
    case 'datetime':
      return right.kind === 'datetime' && left.milliseconds === right.milliseconds
    case 'duration':
      return right.kind === 'duration' && left.milliseconds === right.milliseconds
    default:
      return left satisfies never
  }
}

/** True when the set has an element equal to the value: a scan of a small set, an index look-up in a large one. */
export function setContains(set: SetValue, value: Value): boolean {
  const { elements } = set
  if (elements.length > SCAN_LIMIT) return indexOf(set).has(indexKey(value))
  for (const element of elements) {
    if (valueEquals(element, value)) return true
  }
  return false
}

/** Builds a set: the first of several equal elements stays, in the order given. */
export function setValue(values: Iterable<Value>): SetValue {
  const given = [...values]
  if (given.length <= 1) return { kind: 'set', elements: given }
  const byKey = new Map<Value, Value>()
  for (const value of given) {
    const key = indexKey(value)
    if (!byKey.has(key)) byKey.set(key, value)
  }
  return { kind: 'set', elements: [...byKey.values()] }
}

function setEquals(left: SetValue, right: SetValue): boolean {
  return left.elements.length === right.elements.length && left.elements.every((element) => setContains(right, element))
}

function recordEquals(left: RecordValue, right: RecordValue): boolean {
  if (left.fields.size !== right.fields.size) return false
  for (const [name, field] of left.fields) {
    const other = right.fields.get(name)
    if (other === undefined || !valueEquals(field, other)) return false
  }
  return true
}

const indexes = new WeakMap<SetValue, ReadonlySet<Value>>()

function indexOf(set: SetValue): ReadonlySet<Value> {
  let index = indexes.get(set)
  if (index === undefined) {
    index = new Set(set.elements.map(indexKey))
    indexes.set(set, index)
  }
  return index
}

/** What a JavaScript `Set` compares as Cedar compares the value. Texts and keys of other values cannot meet: see `valueKey`. */
function indexKey(value: Value): Value {
  return typeof value === 'object' || typeof value === 'string' ? valueKey(value) : value
}

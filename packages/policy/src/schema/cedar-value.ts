// Tells a Cedar value from a plain object that looks like one.

import { Fields } from '../value/fields.ts'
import { fitsLong } from '../value/long.ts'
import type { Value } from '../value/value.ts'

export type StructuredValue = Extract<Value, object>
export type ValueKind = StructuredValue['kind']

/** The input, when it is a well-formed Cedar value of that kind. What a set or record holds is not checked. */
export function cedarValue(input: unknown, kind: ValueKind | undefined): StructuredValue | undefined {
  return isCedarValue(input) && input.kind === kind ? input : undefined
}

function isCedarValue(input: unknown): input is StructuredValue {
  if (typeof input !== 'object' || input === null || !('kind' in input)) return false
  const fields: { readonly [name: string]: unknown } = { ...input }
  switch (fields['kind']) {
    case 'entity':
      return isText(fields['type']) && isText(fields['id'])
    case 'set':
      return Array.isArray(fields['elements'])
    case 'record':
      return fields['fields'] instanceof Fields || fields['fields'] instanceof Map
    case 'decimal':
      return isInteger(fields['scaled'])
    case 'datetime':
    case 'duration':
      return isInteger(fields['milliseconds'])
    case 'ipaddr':
      return isAddress(fields['family'], fields['address'], fields['prefix'])
    default:
      return false
  }
}

function isText(input: unknown): boolean {
  return typeof input === 'string' && input.isWellFormed()
}

function isInteger(input: unknown): boolean {
  return typeof input === 'bigint' && fitsLong(input)
}

function isAddress(family: unknown, address: unknown, prefix: unknown): boolean {
  if (typeof prefix !== 'number' || !Number.isInteger(prefix) || prefix < 0) return false
  if (family === 4) return typeof address === 'number' && address >>> 0 === address && prefix <= 32
  return family === 6 && typeof address === 'bigint' && address >= 0n && address < 1n << 128n && prefix <= 128
}

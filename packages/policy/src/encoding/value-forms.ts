// How values are encoded: a kind, and what that kind needs. Exact for every value: what does not fit an integer of JSON is text.

import { setValue } from '../value/equality.ts'
import { formatIp, parseIp } from '../value/ip.ts'
import { fitsLong, longValue } from '../value/long.ts'
import { recordValue } from '../value/record.ts'
import type { Value } from '../value/value.ts'
import type { Reader } from './reader.ts'
import type { Writer } from './writer.ts'

const CODES = {
  false: 0,
  true: 1,
  number: 2,
  bigint: 3,
  string: 4,
  entity: 5,
  set: 6,
  record: 7,
  ipaddr: 8,
  decimal: 9,
  datetime: 10,
  duration: 11,
} as const

export function writeValue(value: Value, writer: Writer): void {
  switch (typeof value) {
    case 'boolean':
      return writer.integer(value ? CODES.true : CODES.false)
    case 'number':
      writer.integer(CODES.number)
      return writer.integer(value)
    case 'bigint':
      writer.integer(CODES.bigint)
      return writer.text(String(value))
    case 'string':
      writer.integer(CODES.string)
      return writer.text(value)
    default:
      writer.integer(CODES[value.kind])
      return writeObject(value, writer)
  }
}

function writeObject(value: Extract<Value, object>, writer: Writer): void {
  switch (value.kind) {
    case 'entity':
      return writer.entity(value)
    case 'set':
      writer.integer(value.elements.length)
      return writer.nested(() => value.elements.forEach((element) => writeValue(element, writer)))
    case 'record':
      writer.integer(value.fields.size)
      return writer.nested(() =>
        value.fields.forEach((field, name) => {
          writer.text(name)
          writeValue(field, writer)
        }),
      )
    case 'ipaddr':
      return writer.text(formatIp(value))
    case 'decimal':
      return writer.text(String(value.scaled))
    case 'datetime':
    case 'duration':
      return writer.text(String(value.milliseconds))
    default:
      return value satisfies never
  }
}

export function readValue(reader: Reader): Value {
  const code = reader.integer()
  switch (code) {
    case CODES.false:
      return false
    case CODES.true:
      return true
    case CODES.number:
      return reader.integer() + 0
    case CODES.bigint: {
      const value = longValue(readDigits(reader)) ?? 0
      return typeof value === 'bigint' ? value : reader.fail('digits of what is a number')
    }
    case CODES.string:
      return reader.text()
    case CODES.entity:
      return reader.entity()
    case CODES.set: {
      const count = reader.count()
      const elements = reader.nested(() => Array.from({ length: count }, () => readValue(reader)))
      const set = setValue(elements)
      return set.elements.length === count ? set : reader.fail('a set with an element twice')
    }
    case CODES.record: {
      const count = reader.count()
      const fields = reader.nested(() =>
        Array.from({ length: count }, () => [reader.text(), readValue(reader)] as const),
      )
      const record = recordValue(fields)
      return record.fields.size === count ? record : reader.fail('a record with a field twice')
    }
    case CODES.ipaddr:
      return parseIp(reader.text()) ?? reader.fail('an address that is none')
    case CODES.decimal:
      return { kind: 'decimal', scaled: readDigits(reader) }
    case CODES.datetime:
      return { kind: 'datetime', milliseconds: readDigits(reader) }
    case CODES.duration:
      return { kind: 'duration', milliseconds: readDigits(reader) }
    default:
      return reader.fail('a value of unknown kind', 'ERR_POLICY_ENCODING_KIND')
  }
}

const DIGITS = /^(?:0|-?[1-9][0-9]{0,18})$/

/** A 64-bit integer. The length is tested first: making a BigInt of a million digits takes long. */
function readDigits(reader: Reader): bigint {
  const text = reader.text()
  const integer = DIGITS.test(text) ? BigInt(text) : undefined
  return integer !== undefined && fitsLong(integer) ? integer : reader.fail('digits of no 64-bit integer')
}

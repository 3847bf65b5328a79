// The values of Cedar 4.5 at run time: Bool, Long, String, Entity, Set, Record and the four extension types.
// A value is immutable. A Long is a `number` while it is a safe integer and a `bigint` beyond (canonical, so `===` compares Longs).
// Cedar reference: docs.cedarpolicy.com/policies/syntax-datatypes.html

/** Any Cedar value. There is no null and no float. */
export type Value =
  | boolean
  | Long
  | string
  | EntityUid
  | SetValue
  | RecordValue
  | DecimalValue
  | IpValue
  | DatetimeValue
  | DurationValue

/** A 64-bit signed integer in canonical form: `number` when `Number.isSafeInteger`, else `bigint`. */
export type Long = number | bigint

/** A reference to an entity, `Type::"id"`. Equal when type and id are equal. */
export interface EntityUid {
  readonly kind: 'entity'
  readonly type: string
  readonly id: string
}

/** An unordered set without duplicates. Build with `setValue`, which removes duplicates. */
export interface SetValue {
  readonly kind: 'set'
  readonly elements: readonly Value[]
}

/** A record. Field names are data: a `Map` keeps `__proto__` and friends ordinary. */
export interface RecordValue {
  readonly kind: 'record'
  readonly fields: ReadonlyMap<string, Value>
}

/** A decimal with four digits after the point, as the integer `value * 10^4` within 64 bits. */
export interface DecimalValue {
  readonly kind: 'decimal'
  readonly scaled: bigint
}

/** An IPv4 or IPv6 address or range. `address` keeps its host bits; equality is family, address and prefix length. */
export type IpValue = Ip4Value | Ip6Value

export interface Ip4Value {
  readonly kind: 'ipaddr'
  readonly family: 4
  /** 32 bits, not negative. */
  readonly address: number
  readonly prefix: number
}

export interface Ip6Value {
  readonly kind: 'ipaddr'
  readonly family: 6
  /** 128 bits, not negative. */
  readonly address: bigint
  readonly prefix: number
}

/** Milliseconds since 1970-01-01T00:00:00Z, within 64 bits. */
export interface DatetimeValue {
  readonly kind: 'datetime'
  readonly milliseconds: bigint
}

/** A length of time in milliseconds, within 64 bits. */
export interface DurationValue {
  readonly kind: 'duration'
  readonly milliseconds: bigint
}

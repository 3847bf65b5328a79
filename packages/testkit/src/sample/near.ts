// Values beside a value, where comparisons change their answer: one more, one less, the first address outside a range.

import { formatIp, type IpValue, isInRange, longValue, parseIp, type Value } from '@cardea/policy'
import type { Random } from './random.ts'

/** A value of the same kind that is close to this one; perhaps the very same. */
export function near(value: Value, random: Random): Value {
  switch (typeof value) {
    case 'boolean':
      return random.chance(0.5)
    case 'string':
      return random.chance(0.7) ? value : `${value}${random.pick(['x', '/', ' '])}`
    case 'number':
    case 'bigint':
      return shifted(value, BigInt(random.pick([-1, 0, 0, 1]))) ?? value
    default:
  }
  switch (value.kind) {
    case 'decimal':
      return shifted(value, BigInt(random.pick([-1, 0, 0, 1]))) ?? value
    case 'datetime':
    case 'duration':
      return shifted(value, BigInt(random.pick([-1, 0, 0, 1, 60_000, -60_000]))) ?? value
    case 'ipaddr':
      return random.chance(0.6) ? addressIn(value, random) : addressBeside(value, random)
    default:
      return value
  }
}

/** The value and so many more: units, ten-thousandths of a decimal, milliseconds. `undefined` beyond 64 bits, or for other kinds. */
export function shifted(value: Value, by: bigint): Value | undefined {
  if (typeof value === 'number' || typeof value === 'bigint') return longValue(BigInt(value) + by)
  if (typeof value !== 'object') return undefined
  switch (value.kind) {
    case 'decimal':
      return isLong(value.scaled + by) ? { kind: 'decimal', scaled: value.scaled + by } : undefined
    case 'datetime':
    case 'duration':
      return isLong(value.milliseconds + by) ? { kind: value.kind, milliseconds: value.milliseconds + by } : undefined
    default:
      return undefined
  }
}

/** Where a value stands among those of its kind; `undefined` where there is no order. */
export function positionIn(value: Value | undefined): bigint | undefined {
  if (typeof value === 'number' || typeof value === 'bigint') return BigInt(value)
  if (typeof value !== 'object') return undefined
  if (value.kind === 'decimal') return value.scaled
  return value.kind === 'datetime' || value.kind === 'duration' ? value.milliseconds : undefined
}

/** The first, the last or some address of a range. */
export function addressIn(range: IpValue, random: Random): IpValue {
  const { first, size, width } = extent(range)
  const offset = random.pick([0n, size - 1n, size / 2n, size > 3n ? 3n : 0n])
  return addressOf(first + offset, width) ?? range
}

/** An address right before or behind a range; one of the other family where there is none. */
export function addressBeside(range: IpValue, random: Random): IpValue {
  const { first, size, width } = extent(range)
  const beside = [first - 1n, first + size].flatMap((address) => addressOf(address, width) ?? [])
  return random.maybe(beside.filter((address) => !isInRange(address, range))) ?? other(width)
}

function extent({ family, address, prefix }: IpValue): { first: bigint; size: bigint; width: bigint } {
  const width = family === 4 ? 32n : 128n
  const size = 1n << (width - BigInt(prefix))
  return { first: (BigInt(address) / size) * size, size, width }
}

function addressOf(address: bigint, width: bigint): IpValue | undefined {
  if (address < 0n || address >= 1n << width) return undefined
  const [separator, bits] = width === 32n ? (['.', 8n] as const) : ([':', 16n] as const)
  const groups: string[] = []
  for (let at = width - bits; at >= 0n; at -= bits) {
    groups.push(((address >> at) & ((1n << bits) - 1n)).toString(width === 32n ? 10 : 16))
  }
  return parseIp(groups.join(separator))
}

function other(width: bigint): IpValue {
  return width === 32n ? PLAIN_6 : PLAIN_4
}

function isLong(integer: bigint): boolean {
  return BigInt.asIntN(64, integer) === integer
}

function address(text: string): IpValue {
  const ip = parseIp(text)
  if (ip === undefined || formatIp(ip) !== text) throw new TypeError(`\`${text}\` is no address`)
  return ip
}

/** Addresses for documentation, RFC 5737 and RFC 3849. */
export const PLAIN_4: IpValue = address('203.0.113.9')
export const PLAIN_6: IpValue = address('2001:db8::9')

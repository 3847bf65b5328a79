// Longs: 64-bit signed integers in canonical form (`number` while safe, `bigint` beyond), so that `===` compares them.
// Arithmetic is exact: a sum or product of doubles is trusted only if it is itself a safe integer, which it cannot be by
// rounding (a true result beyond 2^53 never rounds to below it). `undefined` says overflow.

import type { Long, Value } from './value.ts'

const MINIMUM = -(2n ** 63n)
const MAXIMUM = 2n ** 63n - 1n

export function isLong(value: Value): value is Long {
  return typeof value === 'number' || typeof value === 'bigint'
}

/** The canonical Long of an integer; `undefined` when it is no integer or does not fit 64 bits. */
export function longValue(integer: number | bigint): Long | undefined {
  if (typeof integer === 'number') return Number.isSafeInteger(integer) ? integer + 0 : undefined
  return fitsLong(integer) ? canonical(integer) : undefined
}

/** True when the integer fits 64 signed bits. */
export function fitsLong(integer: bigint): boolean {
  return integer >= MINIMUM && integer <= MAXIMUM
}

export function addLongs(left: Long, right: Long): Long | undefined {
  if (typeof left === 'number' && typeof right === 'number') {
    const sum = left + right
    if (Number.isSafeInteger(sum)) return sum
  }
  return longValue(BigInt(left) + BigInt(right))
}

export function subtractLongs(left: Long, right: Long): Long | undefined {
  if (typeof left === 'number' && typeof right === 'number') {
    const difference = left - right
    if (Number.isSafeInteger(difference)) return difference
  }
  return longValue(BigInt(left) - BigInt(right))
}

export function multiplyLongs(left: Long, right: Long): Long | undefined {
  if (typeof left === 'number' && typeof right === 'number') {
    const product = left * right
    // `+ 0` turns -0 into 0
    if (Number.isSafeInteger(product)) return product + 0
  }
  return longValue(BigInt(left) * BigInt(right))
}

export function negateLong(operand: Long): Long | undefined {
  return typeof operand === 'number' ? 0 - operand : longValue(-operand)
}

function canonical(integer: bigint): Long {
  const double = Number(integer)
  return Number.isSafeInteger(double) ? double : integer
}

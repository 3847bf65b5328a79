// What `make-operators.ts` asks Cedar: every operator on every pair of a pool of values, and the texts and numbers at which
// evaluators go wrong. The published cases miss most of these.

import {
  addressConditions,
  arityConditions,
  around,
  exists,
  extensionTexts,
  likeConditions,
  timeConditions,
} from './operator-edges.ts'

/** Conditions of one operator. Each becomes a policy of its own. */
export interface Group {
  readonly id: string
  readonly conditions: readonly string[]
}

const LONGS = [
  '0',
  '1',
  '-1',
  '2',
  '9007199254740992',
  '9007199254740993',
  '9223372036854775807',
  '-9223372036854775808',
]
const SETS = [
  '[]',
  '[1]',
  '[1, 2]',
  '[2, 1, 1]',
  '["a"]',
  '[User::"ann"]',
  '[[2, 1], [1, 2]]',
  '[[1, 2]]',
  '[Team::"red", 1]',
]
const RECORDS = ['{}', '{a: 1}', '{a: 1, b: 2}', '{b: 2, a: 1}', '{a: {b: {c: true}}}']
const ENTITIES = ['User::"ann"', 'Team::"red"', 'Team::"all"', 'User::"ghost"', '[Team::"blue", Team::"all"]']
const DECIMALS = ['decimal("1.0")', 'decimal("1.00")', 'decimal("-0.5")', 'decimal("922337203685477.5807")']
const ADDRESSES = [
  'ip("10.1.2.3")',
  'ip("10.1.2.3/8")',
  'ip("10.0.0.0/8")',
  'ip("0.0.0.0/0")',
  'ip("::1")',
  'ip("::/0")',
]
const INSTANTS = [
  'datetime("1970-01-01")',
  'datetime("1969-12-31T23:59:59.999Z")',
  'datetime("2024-02-29T10:00:00+0130")',
]
const DURATIONS = ['duration("1h")', 'duration("60m")', 'duration("-1ms")', 'duration("9223372036854775807ms")']

const VALUES: readonly string[] = [
  'true',
  'false',
  '""',
  '"a"',
  '"é"',
  '"b"',
  ...[LONGS, SETS, RECORDS, ENTITIES, DECIMALS, ADDRESSES, INSTANTS, DURATIONS].flat(),
]

const pairs = (make: (left: string, right: string) => string): readonly string[] =>
  VALUES.flatMap((left) => VALUES.map((right) => make(left, right)))

const INFIX = ['==', '!=', '<', '<=', '>', '>=', 'in', '&&', '||']
const METHODS_TO_BOOL = [
  'contains',
  'containsAll',
  'containsAny',
  'hasTag',
  'isInRange',
  'lessThan',
  'lessThanOrEqual',
  'greaterThan',
  'greaterThanOrEqual',
]
const METHODS_TO_VALUE = ['getTag', 'offset', 'durationSince']
const UNARY_TO_BOOL = ['isEmpty', 'isIpv4', 'isIpv6', 'isLoopback', 'isMulticast']
const UNARY_TO_VALUE = ['toDate', 'toTime', 'toMilliseconds', 'toSeconds', 'toMinutes', 'toHours', 'toDays']

export const GROUPS: readonly Group[] = [
  ...INFIX.map((symbol) => ({ id: symbol, conditions: pairs((left, right) => `${left} ${symbol} ${right}`) })),
  ...METHODS_TO_BOOL.map((name) => ({ id: name, conditions: pairs((left, right) => `(${left}).${name}(${right})`) })),
  ...METHODS_TO_VALUE.map((name) => ({
    id: name,
    conditions: pairs((left, right) => exists(`(${left}).${name}(${right})`)),
  })),
  ...UNARY_TO_BOOL.map((name) => ({ id: name, conditions: VALUES.map((value) => `(${value}).${name}()`) })),
  ...UNARY_TO_VALUE.map((name) => ({ id: name, conditions: VALUES.map((value) => exists(`(${value}).${name}()`)) })),
  { id: 'not', conditions: VALUES.map((value) => `!(${value})`) },
  { id: 'negate', conditions: VALUES.map((value) => exists(`-(${value})`)) },
  {
    id: 'if',
    conditions: VALUES.flatMap((value) => [`if ${value} then true else false`, `if ${value} then 1 else true`]),
  },
  { id: 'condition', conditions: VALUES },
  ...arithmetic(),
  { id: 'has', conditions: hasConditions() },
  {
    id: 'attribute',
    conditions: VALUES.flatMap((value) => ['a', 'name', 'a.b.c'].map((path) => exists(`(${value}).${path}`))),
  },
  { id: 'is', conditions: isConditions() },
  { id: 'like', conditions: [...likeConditions(), ...VALUES.map((value) => `${value} like "*"`)] },
  { id: 'address ranges', conditions: addressConditions() },
  { id: 'times', conditions: timeConditions() },
  { id: 'extension texts', conditions: extensionTexts() },
  { id: 'arity', conditions: arityConditions() },
]

/** The exact result, its neighbours, and whether there is one. */
function arithmetic(): readonly Group[] {
  const operations: readonly (readonly [string, (left: bigint, right: bigint) => bigint])[] = [
    ['+', (left, right) => left + right],
    ['-', (left, right) => left - right],
    ['*', (left, right) => left * right],
  ]
  const longs = [
    ...LONGS,
    '9007199254740991',
    '-9007199254740991',
    '3037000500',
    '-3037000500',
    '4294967296',
    '-9007199254740993',
  ]
  return operations.map(([symbol, operation]) => ({
    id: symbol,
    conditions: [
      ...pairs((left, right) => exists(`(${left} ${symbol} ${right})`)),
      ...longs.flatMap((left) =>
        longs.flatMap((right) =>
          around(BigInt.asIntN(64, operation(BigInt(left), BigInt(right)))).map(
            (sum) => `${left} ${symbol} ${right} == ${sum}`,
          ),
        ),
      ),
    ],
  }))
}

function hasConditions(): readonly string[] {
  const paths = [
    'a',
    'name',
    '"a"',
    '""',
    'a.b',
    'a.b.c',
    'a.b.c.d',
    'a.x.c',
    'friend.name',
    'friend.friend.name',
    'toString',
  ]
  return VALUES.flatMap((value) => paths.map((path) => `${value} has ${path}`))
}

function isConditions(): readonly string[] {
  const types = ['User', 'Team', 'Docs::User', 'Action']
  const containers = ['Team::"all"', 'User::"ann"', '[]', '[Team::"blue", Team::"red"]', '[Team::"red", 1]', '1']
  return VALUES.flatMap((value) => [
    ...types.map((type) => `${value} is ${type}`),
    ...containers.map((container) => `${value} is User in ${container}`),
  ])
}

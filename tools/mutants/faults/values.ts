// Faults in values: numbers that are rounded or overflow, equality, and the texts of the extension types.

import { type Fault, faultsIn } from '../fault.ts'

const VALUE = 'packages/policy/src/value'

export const VALUE_FAULTS: readonly Fault[] = [
  ...faultsIn(`${VALUE}/long.ts`, [
    [
      'long-overflow',
      'return fitsLong(integer) ? canonical(integer) : undefined',
      'return canonical(integer)',
      'overflow is not an error',
    ],
    ['long-add-rounds', 'if (Number.isSafeInteger(sum)) return sum', 'return sum', 'sums beyond 2^53 are rounded'],
    [
      'long-subtract-rounds',
      'if (Number.isSafeInteger(difference)) return difference',
      'return difference',
      'differences beyond 2^53 are rounded',
    ],
    [
      'long-multiply-rounds',
      'if (Number.isSafeInteger(product)) return product + 0',
      'return product + 0',
      'products beyond 2^53 are rounded',
    ],
    [
      'long-subtract-swapped',
      'BigInt(left) - BigInt(right)',
      'BigInt(right) - BigInt(left)',
      'big differences have the other sign',
    ],
    ['long-negate-overflow', 'longValue(-operand)', '-operand', 'the smallest Long has an opposite'],
    ['long-minimum', '-(2n ** 63n)', '-(2n ** 63n) + 1n', 'the smallest Long is refused'],
    ['long-maximum', '2n ** 63n - 1n', '2n ** 63n', '2^63 is a Long'],
    [
      'long-canonical',
      'return Number.isSafeInteger(double) ? double : integer',
      'return double',
      'Longs beyond 2^53 are rounded when read',
    ],
  ]),
  ...faultsIn(`${VALUE}/decimal.ts`, [
    ['decimal-fraction', "fraction.padEnd(4, '0')", "fraction.padStart(4, '0')", '1.5 is read as 1.0005'],
    ['decimal-sign', "sign === '' ? magnitude : -magnitude", 'magnitude', 'negative decimals are positive'],
    ['decimal-digits', '(\\d{1,4})$', '(\\d{1,5})$', 'a fifth digit is taken'],
    ['decimal-overflow', 'return fitsLong(scaled) ?', 'return scaled !== undefined ?', 'decimals overflow'],
  ]),
  ...faultsIn(`${VALUE}/datetime.ts`, [
    [
      'datetime-floor',
      'quotient * divisor !== dividend ? quotient - 1n : quotient',
      'quotient * divisor !== dividend ? quotient : quotient',
      'toDate and toTime of times before 1970',
    ],
    [
      'datetime-month-length',
      '  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined\n',
      '',
      '2024-04-31 is taken',
    ],
    ['datetime-month', 'date.getUTCMonth() !== month - 1 || ', '', '2024-13-01 is taken'],
    [
      'datetime-year',
      'date.setUTCFullYear(year, month - 1, day)',
      'date.setTime(Date.UTC(year, month - 1, day))',
      'the year 1 is 1901',
    ],
    ['datetime-hour', 'hour > 23', 'hour > 24', 'hour 24 is taken'],
    ['datetime-second', 'second > 59', 'second > 60', 'second 60 is taken'],
    ['datetime-offset-sign', "(sign === '-' ? -1 : 1)", "(sign === '-' ? 1 : -1)", 'offsets count the wrong way'],
    [
      'datetime-offset-minutes',
      'numberOr0(offsetMinute) > 59',
      'numberOr0(offsetMinute) > 60',
      'an offset of 60 minutes is taken',
    ],
  ]),
  ...faultsIn(`${VALUE}/duration.ts`, [
    ['duration-minute', "['m', 60_000n]", "['m', 6_000n]", 'minutes are short'],
    [
      'duration-sign',
      'milliseconds = -milliseconds',
      'milliseconds = milliseconds + 0n',
      'negative durations are positive',
    ],
    [
      'duration-overflow',
      'return fitsLong(milliseconds) ?',
      'return milliseconds !== undefined ?',
      'durations overflow',
    ],
    ['duration-empty', "text === '' || text === '-' ? null", "text === '' ? null", '`-` is a duration'],
  ]),
  ...faultsIn(`${VALUE}/ip.ts`, [
    [
      'ip-loopback-prefix',
      'isInRange(ip, ip.family === 4 ? LOOPBACK_4 : LOOPBACK_6)',
      'isInRange({ ...ip, prefix: 128 }, ip.family === 4 ? LOOPBACK_4 : LOOPBACK_6)',
      "isLoopback ignores the range's length",
    ],
    [
      'ip-multicast-prefix',
      'isInRange(ip, ip.family === 4 ? MULTICAST_4 : MULTICAST_6)',
      'isInRange({ ...ip, prefix: 128 }, ip.family === 4 ? MULTICAST_4 : MULTICAST_6)',
      "isMulticast ignores the range's length",
    ],
    ['ip-range-larger', 'if (inner.prefix < outer.prefix) return false', '', 'a larger range is in a smaller'],
    ['ip-range-all', 'outer.prefix === 0 || ', '', 'nothing is in 0.0.0.0/0'],
    ['ip-family', 'return outer.family === 6 && ', 'return ', 'IPv6 in IPv4'],
    [
      'ip-leading-zero',
      '!/^(?:0|[1-9]\\d{0,2})$/.test(part) ||',
      '!/^\\d{1,3}$/.test(part) ||',
      '01.2.3.4 is an address',
    ],
    ['ip-byte', 'Number(part) > 255', 'Number(part) > 256', '256.0.0.0 is an address'],
    ['ip-prefix-limit', 'return prefix <= maximum ? prefix : undefined', 'return prefix', '1.2.3.4/33 is a range'],
    ['ip-groups', 'missing < 1 : missing !== 0', 'missing < 0 : missing !== 0', '`::` stands for no group'],
  ]),
  ...faultsIn(`${VALUE}/equality.ts`, [
    [
      'set-order',
      '.every((element) => setContains(right, element))',
      '.every((element, at) => valueEquals(right.elements[at] ?? false, element))',
      'sets compare by order',
    ],
    ['set-size', 'left.elements.length === right.elements.length && ', '', 'a subset equals its set'],
    [
      'set-duplicates',
      'if (!byKey.has(key)) byKey.set(key, value)',
      'byKey.set(Symbol() as never, value)',
      'sets keep duplicates',
    ],
    ['set-index', 'indexOf(set).has(indexKey(value))', 'indexOf(set).has(value)', 'large sets hold no texts'],
    [
      'record-size',
      'if (left.fields.size !== right.fields.size) return false',
      '',
      'a record equals one with more fields',
    ],
    [
      'record-missing-field',
      'if (other === undefined || !valueEquals(field, other)) return false',
      'if (other !== undefined && !valueEquals(field, other)) return false',
      'records with other names are equal',
    ],
    ['ip-equality-prefix', 'left.prefix === right.prefix &&', '', 'an address equals its range'],
    ['ip-equality-address', ' && left.address === right.address', '', 'all addresses are alike'],
    [
      'entity-equality-type',
      'left.id === right.id && left.type === right.type',
      'left.id === right.id',
      'entities of other types are equal',
    ],
    [
      'datetime-equality',
      "right.kind === 'datetime' && left.milliseconds",
      'left.milliseconds',
      'a duration equals a datetime',
    ],
  ]),
  ...faultsIn(`${VALUE}/key.ts`, [
    [
      'key-set-order',
      'value.elements.map(valueKey).sort().join',
      'value.elements.map(valueKey).join',
      'sets in sets compare by order',
    ],
    ['key-record-order', '        .sort()\n', '', 'records in sets compare by order'],
    ['key-text-length', 's${value.length}:${value}', 's${value}', 'texts run into what follows them'],
    [
      'key-ip-prefix',
      '/${value.address}/${value.prefix};',
      '/${value.address};',
      'a set takes an address for its range',
    ],
  ]),
  ...faultsIn(`${VALUE}/fields.ts`, [
    [
      'fields-layout',
      'return fields.layout === layout',
      'return fields instanceof Fields && layout !== EMPTY',
      'a field is read where other fields have it',
    ],
    [
      'fields-twice',
      'slots[layout.slotOf(name) ?? 0] = value',
      'void value',
      'of two fields of a name the first counts',
    ],
    ['fields-wide', '[...values.keys()]', '[...values.keys()].toReversed()', 'wide records mix up their fields'],
  ]),
]

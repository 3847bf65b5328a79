// The texts, addresses and times at which evaluators go wrong, as conditions. See `operator-tables.ts`.

/** Conditions that hold if the value exists: the operators whose result is no Bool. */
export const exists = (expression: string): string => `${expression} == ${expression}`

/** The integer and its neighbours, within 64 bits. */
export function around(integer: bigint): readonly string[] {
  return [-1n, 0n, 1n].map((step) => BigInt.asIntN(64, integer + step).toString())
}

export function likeConditions(): readonly string[] {
  const texts = [
    '',
    'a',
    'ab',
    'abc',
    'aab',
    'a*b',
    '*',
    '**',
    'é',
    '😀',
    'a😀b',
    'e\u0301',
    'A',
    'a\\\\b',
    'line\\nbreak',
    '.+',
  ]
  const patterns = [
    '',
    '*',
    '**',
    'a',
    'a*',
    '*b',
    'a*b',
    'ab*bc',
    '*a*b*',
    'a\\**',
    '\\*',
    '?',
    '.*',
    'é',
    'e*',
    '*😀*',
    'a*\\*b',
  ]
  return texts.flatMap((text) => patterns.map((pattern) => `"${text}" like "${pattern}"`))
}

export function addressConditions(): readonly string[] {
  const addresses = [
    '127.0.0.1',
    '127.0.0.1/8',
    '127.0.0.1/7',
    '127.0.0.0/0',
    '128.0.0.0',
    '224.0.0.1',
    '224.0.0.0/4',
    '224.0.0.0/3',
    '240.0.0.0',
    '::1',
    '::1/128',
    '::1/127',
    '::',
    'ff00::',
    'ff00::/8',
    'ff00::/7',
    'feff::',
    '::ffff:7f00:1',
    '10.0.0.0/9',
    '10.128.0.0/9',
    '10.0.0.0/8',
  ]
  return addresses.flatMap((address) => [
    ...['isLoopback', 'isMulticast', 'isIpv4', 'isIpv6'].map((name) => `ip("${address}").${name}()`),
    ...addresses.flatMap((other) => [
      `ip("${address}").isInRange(ip("${other}"))`,
      `ip("${address}") == ip("${other}")`,
    ]),
  ])
}

export function timeConditions(): readonly string[] {
  const day = 86_400_000n
  const instants = [
    0n,
    1n,
    -1n,
    day - 1n,
    day,
    -day,
    -day - 1n,
    1_709_200_800_000n,
    -9_223_372_036_854_775_808n,
    9_223_372_036_854_775_807n,
  ]
  const units: readonly (readonly [string, bigint])[] = [
    ['toMilliseconds', 1n],
    ['toSeconds', 1000n],
    ['toMinutes', 60_000n],
    ['toHours', 3_600_000n],
    ['toDays', day],
  ]
  const instant = (milliseconds: bigint): string => `datetime("1970-01-01").offset(duration("${milliseconds}ms"))`
  return instants.flatMap((milliseconds) => {
    const time = ((milliseconds % day) + day) % day
    return [
      ...around(milliseconds - time).map((date) => `${instant(milliseconds)}.toDate() == ${instant(BigInt(date))}`),
      ...around(time).map((rest) => `${instant(milliseconds)}.toTime() == duration("${rest}ms")`),
      ...units.flatMap(([name, unit]) =>
        around(milliseconds / unit).map((count) => `duration("${milliseconds}ms").${name}() == ${count}`),
      ),
      ...instants.flatMap((other) => [
        exists(`${instant(milliseconds)}.durationSince(${instant(other)})`),
        exists(`${instant(milliseconds)}.offset(duration("${other}ms"))`),
        `${instant(milliseconds)} < ${instant(other)}`,
        `duration("${milliseconds}ms") <= duration("${other}ms")`,
      ]),
    ]
  })
}

/** Texts of each extension type: right ones, the edges, and wrong ones. */
export const EXTENSION_TEXTS: { readonly [name in 'ip' | 'decimal' | 'datetime' | 'duration']: readonly string[] } = {
  ip: [
    '0.0.0.0',
    '255.255.255.255',
    '256.0.0.0',
    '01.2.3.4',
    '1.2.3',
    '1.2.3.4.5',
    '1.2.3.4/32',
    '1.2.3.4/33',
    '1.2.3.4/08',
    '1.2.3.4/',
    '::',
    '::1',
    '1::2::3',
    '::ffff:1.2.3.4',
    '1:2:3:4:5:6:7:8',
    '1:2:3:4:5:6:7',
    '12345::',
    '::/128',
    '::/129',
    '::/0',
    ' ::1',
    '::1%1',
    '',
    'ABCD:ef01::',
    '0001:0002:0003:0004:0005:0006:0007:0008/128',
    '[::1]',
    '1.2.3.4/-1',
    '1.2.3.4/+1',
    '1.2.3.4/a',
    '1:2:3:4:5:6:7::',
  ],
  decimal: [
    '0.0',
    '-0.0',
    '1.1234',
    '1.12345',
    '1',
    '1.',
    '.1',
    '+1.0',
    '--1.0',
    '1.0e1',
    ' 1.0',
    '01.0',
    '00000000000000000000.1',
    '',
    '922337203685477.5807',
    '922337203685477.5808',
    '-922337203685477.5808',
    '-922337203685477.5809',
    '12_3.0',
    '١.٠',
  ],
  datetime: [
    '2024-02-29',
    '2023-02-29',
    '2024-13-01',
    '2024-00-01',
    '2024-01-00',
    '2024-04-31',
    '0000-01-01',
    '9999-12-31',
    '10000-01-01',
    '-0001-01-01',
    '2024-01-01T00:00:00Z',
    '2024-01-01T24:00:00Z',
    '2024-01-01T23:60:00Z',
    '2024-01-01T23:59:60Z',
    '2024-01-01T00:00:00',
    '2024-01-01T00:00Z',
    '2024-01-01T00:00:00.1Z',
    '2024-01-01T00:00:00.123Z',
    '2024-01-01T00:00:00.1234Z',
    '2024-01-01T00:00:00+0000',
    '2024-01-01T00:00:00-2359',
    '2024-01-01T00:00:00+2400',
    '2024-01-01T00:00:00+0060',
    '2024-01-01T00:00:00+00:00',
    '2024-01-01t00:00:00z',
    '2024-1-1',
    '20240101',
    '',
    ' 2024-01-01',
    '1900-02-29',
    '2000-02-29',
    '2100-02-29',
    '0000-01-01T00:00:00+2359',
    '9999-12-31T23:59:59.999-2359',
  ],
  duration: [
    '1d',
    '1h',
    '1m',
    '1s',
    '1ms',
    '1d2h3m4s5ms',
    '-1d2h',
    '1h1d',
    '1ms1s',
    '1',
    '',
    '-',
    'd',
    '1.5h',
    '+1h',
    '1h 2m',
    '1D',
    '1d1d',
    '0ms',
    '-0d',
    '106751991167d',
    '106751991168d',
    '9223372036854775807ms',
    '9223372036854775808ms',
    '-9223372036854775808ms',
    '-9223372036854775809ms',
    '00000000000000000001h',
  ],
}

export function extensionTexts(): readonly string[] {
  return Object.entries(EXTENSION_TEXTS).flatMap(([name, list]) => list.map((text) => exists(`${name}("${text}")`)))
}

/** Cedar's parser leaves the number of arguments of extensions to evaluation. */
export function arityConditions(): readonly string[] {
  return [
    ...[
      'ip()',
      'ip("::1", "::1")',
      'decimal()',
      'datetime("2024-01-01", 1)',
      'duration()',
      'ip(1)',
      'decimal(principal)',
    ].map(exists),
    'ip("::1").isIpv4(1)',
    'ip("::1").isInRange()',
    'ip("::1").isInRange(ip("::1"), 1)',
    'decimal("1.0").lessThan()',
    ...['datetime("2024-01-01").offset()', 'datetime("2024-01-01").toDate(1)', 'duration("1h").toHours(1)'].map(exists),
    'false && ip()',
    'true || ip()',
    'ip() && false',
    'principal.missing || true',
    'false && principal.missing',
    'true && 1',
    'false || 1',
    'if true then true else principal.missing',
    'if false then true else principal.missing',
    'if principal.missing then true else true',
    '{a: principal.missing, b: true}.b',
    '[principal.missing, true].contains(true)',
    '[1, principal.missing] == [1]',
  ]
}

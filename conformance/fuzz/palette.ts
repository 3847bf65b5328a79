// The constants of one scenario. Policies and data draw from the same few, so that comparisons hold as often as they fail; the few
// are drawn from the edges: of 64 bits, of times before and after every calendar, of Unicode, of what parsers take for something else.

import { parseDatetime, parseDecimal, parseDuration, parseIp } from '@cardea/policy'
import { readFileSync } from 'node:fs'
import { EXTENSION_TEXTS } from '../operator-edges.ts'
import type { Random } from './random.ts'

export type ExtensionName = keyof typeof EXTENSION_TEXTS

export interface Palette {
  /** Decimal digits: a Long beyond 2^53 has no exact JavaScript number. */
  readonly longs: readonly string[]
  readonly texts: readonly string[]
  readonly extensions: { readonly [Name in ExtensionName]: readonly string[] }
}

/** The big list of naughty strings, which break what takes a text for something else. */
const NAUGHTY: readonly string[] = (
  JSON.parse(readFileSync(new URL('../text/blns.json', import.meta.url), 'utf8')) as readonly string[]
).filter((text) => text.isWellFormed() && text.length <= 120)

const ODD_TEXTS = [
  '',
  ' ',
  'é',
  'e\u0301',
  '😀',
  'a😀b',
  '日本',
  '\u{10ffff}',
  '\0',
  '\n',
  '"',
  '\\',
  '*',
  '\\*',
  'a*b',
  '::',
]
const BITING_NAMES = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf', 'length', '__cedar', 'if']
const PLAIN_TEXTS = ['a', 'ab', 'abab', 'aab', 'A', 'ann', 'bob', 'x', '0', '1']

const LIMITS = [2n ** 63n - 1n, 2n ** 53n, 2n ** 53n - 1n, 2n ** 32n, 2n ** 31n, 3_037_000_500n, 3_037_000_499n]
/** Longs at which evaluators go wrong. */
export const EDGES: readonly bigint[] = [
  ...LIMITS.flatMap((limit) => [limit, limit - 1n, -limit, -limit - 1n, -limit + 1n]),
  2n ** 53n + 1n,
  2n ** 62n,
]
const SMALL = ['0', '1', '-1', '2', '3', '-7', '60', '1000']

const INSTANTS = ['1970-01-01', '1969-12-31T23:59:59.999Z', '1969-12-31', '0000-01-01', '2024-02-29T12:00:00.001-0130']
const LENGTHS = ['0ms', '1ms', '-1ms', '1d', '-1d', '23h59m59s999ms', '-1d1ms', '90m', '9223372036854775807ms']
const ADDRESSES = ['10.0.0.0/8', '10.1.2.3', '127.0.0.1/7', '127.0.0.1', '::1', '::/0', 'ff02::1/12', '0.0.0.0/0']
const DECIMALS = ['0.0', '1.0', '1.00', '-0.0001', '922337203685477.5807', '-922337203685477.5808', '12.34']
const COMMON = { ip: ADDRESSES, decimal: DECIMALS, datetime: INSTANTS, duration: LENGTHS } as const

export function makePalette(random: Random): Palette {
  const extension = (name: ExtensionName): string[] =>
    random.list(2, 4, () => (random.chance(0.6) ? random.pick(COMMON[name]) : random.pick(VALID[name])))
  return {
    longs: random.list(2, 5, () => (random.chance(0.5) ? random.pick(SMALL) : random.pick(EDGES).toString())),
    texts: random.list(3, 5, () => anyText(random)),
    extensions: {
      ip: extension('ip'),
      decimal: extension('decimal'),
      datetime: extension('datetime'),
      duration: extension('duration'),
    },
  }
}

/** A text for an id, an attribute, a tag or a value. */
export function anyText(random: Random): string {
  const kind = random.below(10)
  if (kind < 5) return random.pick(PLAIN_TEXTS)
  if (kind < 7) return random.pick(NAUGHTY)
  return kind < 9 ? random.pick(ODD_TEXTS) : random.pick(BITING_NAMES)
}

/** A text that the constructor may refuse. */
export function anyExtensionText(random: Random, name: ExtensionName): string {
  return random.chance(0.2) ? anyText(random) : random.pick(EXTENSION_TEXTS[name])
}

const PARSERS = { ip: parseIp, decimal: parseDecimal, datetime: parseDatetime, duration: parseDuration } as const

const valid = (name: ExtensionName): readonly string[] =>
  EXTENSION_TEXTS[name].filter((text) => PARSERS[name](text) !== undefined)

const VALID: Palette['extensions'] = {
  ip: valid('ip'),
  decimal: valid('decimal'),
  datetime: valid('datetime'),
  duration: valid('duration'),
}

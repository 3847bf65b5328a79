// Seeded damage to texts, for the comparison of parsers: most results are refused, some are accepted, both must agree.

/** A repeatable source of numbers in [0, 1). */
export type Random = () => number

/** Park-Miller: enough for choosing, and the same on every machine. */
export function seeded(seed: number): Random {
  let state = (seed % 2_147_483_646) + 1
  return () => {
    state = (state * 48_271) % 2_147_483_647
    return (state - 1) / 2_147_483_646
  }
}

export function pick<T>(random: Random, items: readonly T[]): T {
  const item = items[Math.floor(random() * items.length)]
  if (item === undefined) throw new RangeError('nothing to pick from')
  return item
}

const FRAGMENTS: readonly string[] = [
  Array.from(' (){}[].,;:"\\*-!=<@/+%?_1é\n\r\u00a0'),
  ['::', '==', '&&', '||', '//', '\\u{41}', '\\x', '😀', '__cedar', '9223372036854775808'],
  ['in ', 'has ', 'like ', 'is ', 'if ', 'then ', 'else ', 'true', 'principal', 'context', 'permit'],
  ['User::"a"', '?principal', '@x', 'contains(', 'ip("")', '.isIpv4()', '["a"]', '{a: 1}'],
].flat()

/** The text with one or two characters deleted, fragments inserted or stretches repeated elsewhere. */
export function damaged(text: string, random: Random): string {
  const characters = Array.from(text)
  for (let changes = 1 + Math.floor(random() * 2); changes > 0; changes--) {
    const at = Math.floor(random() * (characters.length + 1))
    const kind = random()
    if (kind < 0.4) characters.splice(at, 1 + Math.floor(random() * 2))
    else if (kind < 0.8) characters.splice(at, 0, pick(random, FRAGMENTS))
    else characters.splice(Math.floor(random() * (characters.length + 1)), 0, ...characters.slice(at, at + 10))
  }
  return characters.join('')
}

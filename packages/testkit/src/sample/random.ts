// Chance that can be had again: the same seed gives the same numbers on every machine. Not for secrets.
// Marsaglia, "Xorshift RNGs" (2003): 32 bits of state, shifts 13, 17, 5.

/** A source of chance. */
export interface Random {
  /** A whole number from 0 to `count - 1`; 0 when there is nothing to choose from. */
  below(count: number): number
  chance(probability: number): boolean
  /** One of them. @throws RangeError when there is none */
  pick<T>(list: readonly T[]): T
  /** One of them, or `undefined` when there is none. */
  maybe<T>(list: readonly T[]): T | undefined
}

/** `stream` tells independent sequences of one seed apart: sample 7 is the same, whoever drew sample 6. */
export function createRandom(seed: number, stream = 0): Random {
  let state = mix(mix(seed | 0) ^ (stream | 0)) || 1
  const next = (): number => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 0x1_0000_0000
  }
  const below = (count: number): number => Math.floor(next() * count)
  return {
    below,
    chance: (probability) => next() < probability,
    pick<T>(list: readonly T[]): T {
      const [first] = list
      if (first === undefined) throw new RangeError('there is nothing to pick from')
      return list[below(list.length)] ?? first
    },
    maybe: (list) => list[below(list.length)],
  }
}

/** Spreads neighbouring seeds: every bit of the input reaches every bit of the answer. */
function mix(number: number): number {
  let bits = Math.imul(number ^ (number >>> 16), 0x45d9f3b)
  bits = Math.imul(bits ^ (bits >>> 16), 0x45d9f3b)
  return bits ^ (bits >>> 16)
}

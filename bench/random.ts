// Random choices that are the same in every run: workloads are made from a fixed seed.

export interface Random {
  /** From 0 up to `below`, without it. */
  integer(below: number): number
  chance(probability: number): boolean
  pick<T>(items: readonly T[]): T
  /** Each item by itself with that probability, in the order given. */
  some<T>(items: readonly T[], probability: number): T[]
}

/** A 32-bit linear congruential generator with mixed output: plenty for shuffling users and folders, and nothing else. */
export function seeded(seed: number): Random {
  let state = seed >>> 0
  const next = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    let mixed = Math.imul(state ^ (state >>> 16), 0x45d9f3b)
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x45d9f3b)
    return ((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32
  }
  const random: Random = {
    integer: (below) => Math.floor(next() * below),
    chance: (probability) => next() < probability,
    pick(items) {
      const item = items[random.integer(items.length)]
      if (item === undefined) throw new Error('nothing to pick from')
      return item
    },
    some: (items, probability) => items.filter(() => random.chance(probability)),
  }
  return random
}

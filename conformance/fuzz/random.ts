// Repeatable choices: the same seed makes the same choices on every machine (Chris Doty-Humphrey's sfc32, 128 bits of state).

export class Random {
  #a: number
  #b: number
  #c: number
  #counter = 1

  constructor(seed: number, stream = 0) {
    this.#a = seed | 0
    this.#b = Math.floor(seed / 2 ** 32) | 0
    this.#c = stream | 0
    for (let warmUp = 0; warmUp < 15; warmUp++) this.#next()
  }

  /** An integer from 0 up to, but without, the limit. */
  below(limit: number): number {
    return Math.floor((this.#next() / 2 ** 32) * limit)
  }

  /** An integer from the first to the last, both included. */
  between(first: number, last: number): number {
    return first + this.below(last - first + 1)
  }

  /** True in this share of cases. */
  chance(share: number): boolean {
    return this.#next() < share * 2 ** 32
  }

  pick<T>(items: readonly T[]): T {
    const index = this.below(items.length)
    if (index >= items.length) throw new RangeError('nothing to pick from')
    return items[index] as T
  }

  /** Each item with this probability, in order. */
  some<T>(items: readonly T[], share: number): T[] {
    return items.filter(() => this.chance(share))
  }

  /** A list of `first` to `last` items. */
  list<T>(first: number, last: number, make: (index: number) => T): T[] {
    return Array.from({ length: this.between(first, last) }, (_, index) => make(index))
  }

  #next(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#counter) | 0
    this.#counter = (this.#counter + 1) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0
    return sum >>> 0
  }
}
